import type { Random } from '../system/random.ts';

/** The identity of a run, 32 hexadecimal digits: also the trace id that its target sees (W3C Trace Context). */
export function newRunId(random: Random): string {
  return random.bytes(16).toString('hex');
}

/** `traceparent` with a new span of the run; one for each request. */
export function traceHeaders(random: Random, runId: string): Readonly<Record<string, string>> {
  return { traceparent: `00-${runId}-${random.bytes(8).toString('hex')}-01` };
}

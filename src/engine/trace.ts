import type { Random } from '../system/random.ts';

/** The identity of a run, and the headers that carry it to the target. */
export interface Trace {
  /** 32 hexadecimal digits; the trace id of W3C Trace Context. */
  readonly runId: string;
  /** `traceparent` with a new span for each request; empty when tracing is off. */
  headers(): Readonly<Record<string, string>>;
}

export function createTrace(random: Random, enabled: boolean): Trace {
  const runId = random.bytes(16).toString('hex');
  return {
    runId,
    headers: () => (enabled ? { traceparent: `00-${runId}-${random.bytes(8).toString('hex')}-01` } : {}),
  };
}

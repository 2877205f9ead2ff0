import type { Random } from '../system/random.ts';

/** The identity of a run, 32 hexadecimal digits: also the trace id that its target sees (W3C Trace Context). */
export function newRunId(random: Random): string {
  return random.bytes(16).toString('hex');
}

export interface OwnHeadersOptions {
  readonly random: Random;
  /** sonde's own. */
  readonly version: string;
  /** Whether the request carries `traceparent`, with a new span of the run. */
  readonly traced: boolean;
}

/** What every request of a run says of sonde; made anew for each request. */
export function ownHeaders(
  runId: string,
  { random, version, traced }: OwnHeadersOptions,
): Readonly<Record<string, string>> {
  return {
    'user-agent': `sonde/${version}`,
    ...(traced && { traceparent: `00-${runId}-${random.bytes(8).toString('hex')}-01` }),
  };
}

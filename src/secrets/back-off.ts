import type { Random } from '../system/random.ts';

const shortestMs = 1_000;
const longestMs = 60_000;
const longestAskedMs = 300_000;

export interface BackOff {
  /** What the source asked for. */
  readonly askedMs?: number | undefined;
  /** How long what is to be renewed will live: half of that is the longest wait. */
  readonly restMs?: number;
}

/**
 * How long to wait after `failures` in a row, in milliseconds: full jitter between 1 s and a ceiling that doubles with
 * each failure, from 2 s up to 60 s. What the source asked for is kept, up to 5 minutes.
 */
export function backOffMs(
  failures: number,
  random: Random,
  { askedMs = 0, restMs = Number.POSITIVE_INFINITY }: BackOff,
): number {
  const ceilingMs = Math.max(shortestMs, Math.min(longestMs, shortestMs * 2 ** failures, restMs / 2));
  return Math.max(shortestMs + random.unit() * (ceilingMs - shortestMs), Math.min(askedMs, longestAskedMs));
}

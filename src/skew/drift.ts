import type { SkewInterval } from '../model/clock.ts';

/** How far two clocks may part, milliseconds a millisecond: a plain crystal keeps within it, hot or cold. */
const driftRate = 100e-6;

/** What was known `ageMs` ago, as it is known now. */
export function widened<Known extends SkewInterval>(known: Known, ageMs: number): Known {
  const byMs = ageMs * driftRate;
  return { ...known, lowMs: known.lowMs - byMs, highMs: known.highMs + byMs };
}

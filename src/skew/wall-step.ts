import type { Clock } from '../system/clock.ts';

/** Tells when wall and monotonic time part: the wall clock was set, or the host was suspended. */
export interface WallStep {
  /** What the wall clock shows when the monotonic clock shows 0, in milliseconds. */
  aheadMs(): number;
  /** By how many milliseconds the wall clock went ahead (positive) or back since it was last asked; 0 when it did not. */
  steppedMs(): number;
}

/** Slewing moves both clocks alike, so what parts them is a step. Less than this is not told from a slow reading. */
const leastStepMs = 50;

export function createWallStep(clock: Clock): WallStep {
  const aheadMs = () => clock.wallMs() - clock.monotonicMs();
  let lastMs = aheadMs();
  const since = () => aheadMs() - lastMs;
  return {
    aheadMs,
    steppedMs() {
      // A process that is held up between its two readings sees a step; hardly twice in a row.
      const byMs = [since(), since()].reduce((a, b) => (Math.abs(a) < Math.abs(b) ? a : b));
      const isStep = Math.abs(byMs) >= leastStepMs;
      lastMs += byMs;
      return isStep ? byMs : 0;
    },
  };
}

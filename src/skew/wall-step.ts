import type { Clock } from '../system/clock.ts';
import { createWallAhead } from '../system/wall-ahead.ts';

/** Tells when wall and monotonic time part: the wall clock was set, or the host was suspended. */
export interface WallStep {
  /** What the wall clock shows when the monotonic clock shows 0, in milliseconds with a fraction. */
  aheadMs(): number;
  /** By how many milliseconds the wall clock went ahead (positive) or back since it was last asked; 0 when it did not. */
  steppedMs(): number;
}

/**
 * Less than this is no step that all has to begin anew for: what is known is held against the monotonic clock, so it
 * moves along with the wall clock however often that is set.
 */
const leastStepMs = 50;

export function createWallStep(clock: Clock): WallStep {
  const aheadMs = createWallAhead(clock);
  let lastMs = aheadMs();
  return {
    aheadMs,
    steppedMs() {
      const nowMs = aheadMs();
      const byMs = nowMs - lastMs;
      lastMs = nowMs;
      return Math.abs(byMs) >= leastStepMs ? byMs : 0;
    },
  };
}

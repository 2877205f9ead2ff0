import type { PhaseName, Timing } from '../model/observation.ts';
import type { Clock } from '../system/clock.ts';

/** Splits the time of one exchange into phases, without a gap between them. */
export interface Stopwatch {
  /** Ends the phase that is going on and begins `phase`; a phase that is entered again adds up. */
  enter(phase: PhaseName): void;
  /** The phase that is going on; `resolve` before the first one. */
  current(): PhaseName;
  /** Ends the phase that is going on and tells the milliseconds of each phase that was reached. */
  stop(): Timing;
}

export function createStopwatch(clock: Clock): Stopwatch {
  const phases: Partial<Record<PhaseName, number>> = {};
  let current: PhaseName | undefined;
  let sinceMs = 0;
  let uncertaintyMs = 0;
  const lap = () => {
    const nowMs = clock.monotonicMs();
    if (current) {
      const tookMs = nowMs - sinceMs;
      phases[current] = (phases[current] ?? 0) + tookMs;
      // What ended the phase happened after the phase began, however long the process was busy.
      uncertaintyMs += Math.min(tookMs, clock.lagMs());
    }
    sinceMs = nowMs;
  };
  return {
    enter(phase) {
      lap();
      current = phase;
    },
    current: () => current ?? 'resolve',
    stop() {
      lap();
      return { phases: { ...phases }, uncertaintyMs };
    },
  };
}

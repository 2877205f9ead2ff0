import { type Phases, targetDurationMs } from './observation.ts';

/** Doubts below this are never worth a mark: no bucket of a histogram of latencies tells such times apart. */
const leastDoubtMs = 2;

/** Whether the doubt of a run is more than `share` (0 to 1) of the time that it took, so that its latency says little. */
export function isUncertain(phases: Phases, uncertaintyMs: number, share: number): boolean {
  return uncertaintyMs > Math.max(leastDoubtMs, share * targetDurationMs(phases));
}

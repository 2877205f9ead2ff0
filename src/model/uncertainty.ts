import { type Phases, targetDurationMs } from './observation.ts';

/** Doubts up to this are never worth a mark: the finest bucket of latencies that we make is five times as wide. */
const leastDoubtMs = 5;

/** Whether the doubt of a run is more than `share` (0 to 1) of the time that it took, so that its latency says little. */
export function isUncertain(phases: Phases, uncertaintyMs: number, share: number): boolean {
  return uncertaintyMs > Math.max(leastDoubtMs, share * targetDurationMs(phases));
}

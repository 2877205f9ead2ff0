import type { Clock } from './clock.ts';
import { nextTurn } from './next-turn.ts';

/** Long work cut into slices, between which the event loop sees to its timers and sockets: probes go on in time. */
export interface Slices {
  /** To be awaited after each step of the work: nothing while the slice lasts, and then the turn of the next one. */
  step(): Promise<void> | undefined;
}

/** What a run may start late for; a turn of the event loop between two slices costs a few hundredths of it. */
const longestSliceMs = 1;

/** Begins the first slice of some work. A step should be short against `sliceMs`. */
export function createSlices({ monotonicMs }: Pick<Clock, 'monotonicMs'>, sliceMs = longestSliceMs): Slices {
  let endMs = monotonicMs() + sliceMs;
  const turn = async () => {
    await nextTurn();
    endMs = monotonicMs() + sliceMs;
  };
  return { step: () => (monotonicMs() < endMs ? undefined : turn()) };
}

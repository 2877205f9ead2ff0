import type { Clock, Timer } from '../system/clock.ts';

/** The time that a run has for its target. It stands still while the run waits for one of our own permits. */
export interface Deadline {
  /** Aborts when the time is used up (reason: a `DeadlineReached`) or the run is cancelled. */
  readonly signal: AbortSignal;
  /** Milliseconds left; 0 when used up. */
  remainingMs(): number;
  pause(): void;
  resume(): void;
  /** Frees the timer. Call it when the run has ended. */
  close(): void;
}

/** The reason with which a deadline's signal aborts when the time is used up. */
export class DeadlineReached extends Error {
  readonly code = 'TIMEOUT';
}

/** A deadline of `timeoutMs` from now; `cancelled` ends it early with its own reason. */
export function createDeadline(clock: Clock, timeoutMs: number, cancelled?: AbortSignal): Deadline {
  const controller = new AbortController();
  const signal = cancelled ? AbortSignal.any([controller.signal, cancelled]) : controller.signal;
  let leftMs = timeoutMs;
  let runningSinceMs: number | undefined;
  let timer: Timer | undefined;

  const remainingMs = () =>
    runningSinceMs === undefined ? leftMs : Math.max(0, leftMs - (clock.monotonicMs() - runningSinceMs));
  const pause = () => {
    leftMs = remainingMs();
    runningSinceMs = undefined;
    timer?.cancel();
  };
  const resume = () => {
    if (runningSinceMs !== undefined) return;
    runningSinceMs = clock.monotonicMs();
    timer = clock.after(leftMs, () => controller.abort(new DeadlineReached(`no whole answer within ${timeoutMs} ms`)));
  };

  resume();
  return { signal, remainingMs, pause, resume, close: pause };
}

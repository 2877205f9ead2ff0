import type { Clock, Timer } from '../system/clock.ts';
import { createSharedAbort } from './shared-abort.ts';

/** The time that a run has for its target. It stands still while the run waits for one of our own permits. */
export interface Deadline {
  /** Aborts when the time is used up (reason: a `DeadlineReached`) or the run is cancelled. */
  readonly signal: AbortSignal;
  /** Milliseconds left; 0 when used up. */
  remainingMs(): number;
  pause(): void;
  resume(): void;
  /** Frees the timer, and hears of no cancelling any more. Call it when the run has ended. */
  close(): void;
}

/** The reason with which a deadline's signal aborts when the time is used up. */
export class DeadlineReached extends Error {
  readonly code = 'TIMEOUT';
}

/** All runs under way hear the same signal of the process that ends. */
const cancelling = createSharedAbort();

/** A deadline of `timeoutMs` from now; `cancelled` ends it early with its own reason. */
export function createDeadline(clock: Clock, timeoutMs: number, cancelled?: AbortSignal): Deadline {
  const controller = new AbortController();
  let leftMs = timeoutMs;
  let runningSinceMs: number | undefined;
  let timer: Timer | undefined;

  const remainingMs = () =>
    runningSinceMs === undefined ? leftMs : Math.max(0, leftMs - (clock.monotonicMs() - runningSinceMs));
  const arm = () => {
    timer = clock.after(remainingMs(), look);
  };
  /** A pause only puts the end off, so it leaves the timer as it is: that looks again when it is early. */
  const look = () => {
    timer = undefined;
    if (runningSinceMs === undefined) return;
    if (remainingMs() > 0) arm();
    else timer = clock.after(0, giveUp);
  };
  /** A process that was busy may have its answer without having looked at it: that is done between two timers. */
  const giveUp = () => {
    timer = undefined;
    if (runningSinceMs !== undefined) controller.abort(new DeadlineReached(`no whole answer within ${timeoutMs} ms`));
  };
  const pause = () => {
    leftMs = remainingMs();
    runningSinceMs = undefined;
  };
  const resume = () => {
    if (runningSinceMs !== undefined) return;
    runningSinceMs = clock.monotonicMs();
    if (!timer) arm();
  };

  const cancel = () => controller.abort(cancelled?.reason);
  if (cancelled?.aborted) cancel();
  let ignoreCancelling = cancelled?.aborted === false ? cancelling.watch(cancelled, cancel) : undefined;
  resume();
  return {
    signal: controller.signal,
    remainingMs,
    pause,
    resume,
    close() {
      pause();
      timer?.cancel();
      timer = undefined;
      ignoreCancelling?.();
      ignoreCancelling = undefined;
    },
  };
}

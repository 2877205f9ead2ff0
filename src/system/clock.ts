import { type EventTime, watchLoop } from './loop-watch.ts';

/** A pending callback. */
export interface Timer {
  cancel(): void;
}

/**
 * The only source of time. Schedules, timeouts, latency and expiry use the monotonic clock, so a step of the wall
 * clock breaks none of them; the wall clock is for what people and other hosts read.
 */
export interface Clock {
  /** Milliseconds with a fraction, from an arbitrary zero; never goes back. */
  monotonicMs(): number;
  /** Milliseconds since 1970 as this host believes; may step either way. */
  wallMs(): number;
  /** Calls back once when `delayMs` have passed on the monotonic clock. */
  after(delayMs: number, callback: () => void): Timer;
  /** When the event happened that calls back now: this process may have been busy since. */
  event(): EventTime;
}

/** Node's timers hold 31 bits of milliseconds (24.8 days) and fire at once beyond that. */
const longestTimerMs = 2 ** 31 - 1;

export function createClock(): Clock {
  return {
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
    event: watchLoop(),
    after(delayMs, callback) {
      const dueMs = performance.now() + delayMs;
      let handle: NodeJS.Timeout;
      const arm = () => {
        const restMs = dueMs - performance.now();
        if (restMs > longestTimerMs) handle = setTimeout(arm, longestTimerMs);
        else handle = setTimeout(callback, Math.ceil(Math.max(0, restMs))); // Node cuts fractions off
      };
      arm();
      return { cancel: () => clearTimeout(handle) };
    },
  };
}

/** Resolves when `delayMs` have passed, or earlier when the signal aborts; never rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      timer.cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = clock.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

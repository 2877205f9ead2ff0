import { performance } from 'node:perf_hooks';

/** What the event loop tells of itself. */
export interface LoopSenses {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Milliseconds that the loop has rested so far, with nothing to do. It rests only after it has looked for events. */
  restedMs(): number;
  /** Calls back once when the callbacks of the next turn have run; keeps neither the loop awake nor the process alive. */
  afterTurn(callback: () => void): void;
}

const nodeLoop: LoopSenses = {
  nowMs: () => performance.now(),
  restedMs: () => performance.nodeTiming.idleTime,
  // Without `unref` the loop would not rest at all.
  afterTurn: (callback) => void setImmediate(callback).unref(),
};

/**
 * Returns a function for use in callbacks: at most how many milliseconds ago the event happened that calls back now. The
 * loop looks for events once a turn, and before it rests. So what this turn found had not happened at the look before,
 * and if the loop has rested since, it had not happened until it was woken.
 */
export function createLoopLag({ nowMs, restedMs, afterTurn }: LoopSenses = nodeLoop): () => number {
  const busyMs = () => nowMs() - restedMs();
  /** At the end of the last turn, and of the one before: a look lies between the two, and one before each rest. */
  let busyAtEnd = busyMs();
  let busyAtEndBefore = busyAtEnd;
  let restedAtEnd = restedMs();
  const turned = () => {
    busyAtEndBefore = busyAtEnd;
    busyAtEnd = busyMs();
    restedAtEnd = restedMs();
    afterTurn(turned);
  };
  afterTurn(turned);
  return () => busyMs() - (restedMs() > restedAtEnd ? busyAtEnd : busyAtEndBefore);
}

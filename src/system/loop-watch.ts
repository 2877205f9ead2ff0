import { performance } from 'node:perf_hooks';

/** When an event happened, in milliseconds of the monotonic clock. */
export interface EventTime {
  /** When it calls back. */
  readonly nowMs: number;
  /** The likely time. */
  readonly atMs: number;
  readonly earliestMs: number;
}

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
 * Returns a function for use in callbacks: when the event happened that calls back now. The loop looks for events once a
 * turn, and before it rests. So what this turn found had not happened at the look before; and if the loop has rested
 * since, the event has woken it, or came after that.
 */
export function watchLoop({ nowMs, restedMs, afterTurn }: LoopSenses = nodeLoop): () => EventTime {
  /** Busy time is all time but rest. What was seen last: */
  let busyMs = nowMs() - restedMs();
  let seenRestedMs = restedMs();
  /** What had been done when the loop went to its last rest, at the least. */
  let busyAtRestMs = busyMs;
  /** At the end of the last turn and of the one before; a look lies between the two. */
  let busyAtEndMs = busyMs;
  let busyAtEndBeforeMs = busyMs;

  const look = () => {
    const now = nowMs();
    const rested = restedMs();
    if (rested > seenRestedMs) busyAtRestMs = busyMs;
    seenRestedMs = rested;
    busyMs = now - rested;
    return now;
  };
  const turned = () => {
    look();
    busyAtEndBeforeMs = busyAtEndMs;
    busyAtEndMs = busyMs;
    afterTurn(turned);
  };
  afterTurn(turned);
  return () => {
    const now = look();
    return {
      nowMs: now,
      atMs: now - (busyMs - Math.max(busyAtRestMs, busyAtEndMs)),
      earliestMs: now - (busyMs - Math.max(busyAtRestMs, busyAtEndBeforeMs)),
    };
  };
}

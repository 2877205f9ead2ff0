import { createWaitingLine, type WaitingLine } from './waiting-line.ts';

/**
 * Hears aborts for many who wait on few signals, by one listener a signal, which stays: to add or to remove a listener,
 * Node walks through all that the signal has.
 */
export interface SharedAbort {
  /** Calls back once when the signal aborts, unless what it returns is called before. The signal must not be aborted yet. */
  watch(signal: AbortSignal, aborted: () => void): () => void;
}

interface Watcher {
  readonly aborted: () => void;
  leave(): void;
}

export function createSharedAbort(): SharedAbort {
  const lines = new WeakMap<AbortSignal, WaitingLine<Watcher>>();

  const listenTo = (signal: AbortSignal) => {
    // Not a set: V8 moves one that gains and loses members from table to table, each of which keeps the next one and all
    // its members alive until the whole heap is collected. A run would never die young.
    const line = createWaitingLine<Watcher>();
    const hear = () => {
      for (let watcher = line.first(); watcher; watcher = line.first()) {
        watcher.leave();
        watcher.aborted();
      }
    };
    lines.set(signal, line);
    signal.addEventListener('abort', hear, { once: true });
    return line;
  };

  return {
    watch(signal, aborted) {
      const line = lines.get(signal) ?? listenTo(signal);
      const watcher: Watcher = { aborted, leave: () => leave() };
      const leave = line.join(watcher);
      return leave;
    },
  };
}

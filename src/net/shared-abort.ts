/**
 * Hears aborts for many who wait on few signals, by one listener a signal: to add or to remove a listener, Node walks
 * through all that the signal has.
 */
export interface SharedAbort {
  /** Calls back once when the signal aborts, unless what it returns is called before. The signal must not be aborted yet. */
  watch(signal: AbortSignal, aborted: () => void): () => void;
}

export function createSharedAbort(): SharedAbort {
  const watchers = new Map<AbortSignal, { readonly waiting: Set<() => void>; readonly hear: () => void }>();

  const listenTo = (signal: AbortSignal) => {
    const waiting = new Set<() => void>();
    const hear = () => {
      for (const aborted of waiting) aborted();
    };
    const watcher = { waiting, hear };
    watchers.set(signal, watcher);
    signal.addEventListener('abort', hear, { once: true });
    return watcher;
  };

  return {
    watch(signal, aborted) {
      const { waiting, hear } = watchers.get(signal) ?? listenTo(signal);
      // Who watches is told apart by the call, not by the callback.
      const callback = () => aborted();
      waiting.add(callback);
      return () => {
        waiting.delete(callback);
        if (waiting.size > 0) return;
        watchers.delete(signal);
        signal.removeEventListener('abort', hear);
      };
    },
  };
}

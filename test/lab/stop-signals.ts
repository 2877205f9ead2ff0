/** npm passes a Ctrl-C on beside the terminal: signals so close are one wish. */
const oneWishMs = 500;

/** What the person at the terminal wants. */
export interface StopWishes {
  /** Aborts at the first Ctrl-C, SIGTERM, or end of the terminal. */
  readonly stop: AbortSignal;
  /** Aborts at the next one: no more patience. */
  readonly hurry: AbortSignal;
}

/** Listens to this process's signals from now on. */
export function listenForStop(): StopWishes {
  const stop = new AbortController();
  const hurry = new AbortController();
  let firstAtMs = 0;
  const onSignal = () => {
    if (stop.signal.aborted && performance.now() - firstAtMs > oneWishMs) return hurry.abort();
    if (!stop.signal.aborted) firstAtMs = performance.now();
    stop.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return { stop: stop.signal, hurry: hurry.signal };
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

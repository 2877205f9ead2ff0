/**
 * A promise over events, which an abort of the signal rejects with the signal's reason.
 * `start` wires the events and returns what frees them: that is called once, however the promise ends. When `start`
 * throws, the promise rejects and nothing is left to free.
 */
export function abortable<T>(
  signal: AbortSignal,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    let settled = false;
    let free = () => {};
    const finish = (settle: () => void) => {
      if (settled) return;
      settled = true;
      signal.removeEventListener('abort', abort);
      free();
      settle();
    };
    const abort = () => finish(() => reject(signal.reason));
    free = start(
      (value) => finish(() => resolve(value)),
      (error) => finish(() => reject(error)),
    );
    if (settled) free();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

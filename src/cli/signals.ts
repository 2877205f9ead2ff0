/** What the operating system tells a running command. */
export interface Signals {
  /** SIGHUP, from now on, where it means that. */
  onReload(callback: () => void): void;
  /** The first SIGTERM or SIGINT, or SIGHUP where it stops; at once when that has come already. */
  onStop(callback: () => void): void;
}

/** The part of `process` that signals come by. */
interface SignalSource {
  on(signal: 'SIGHUP' | 'SIGTERM' | 'SIGINT' | 'SIGUSR1', listener: () => void): unknown;
}

/**
 * Listens from the call on, so that no signal is left to the system's default, which is to end the process in the middle
 * of whatever it has begun. A SIGHUP before anyone wants to reload does nothing, and SIGUSR1 does nothing ever; where a
 * SIGHUP `stops`, since it says that the terminal has gone, it is a first SIGTERM. A second SIGTERM or SIGINT calls
 * `endAtOnce`.
 */
export function listenForSignals(
  source: SignalSource,
  endAtOnce: () => void,
  hangUp: 'reloads' | 'stops' = 'reloads',
): Signals {
  let reload = () => {};
  let stop = () => {};
  let stops = 0;
  const stopOnce = () => {
    stops += 1;
    if (stops === 1) stop();
    else endAtOnce();
  };
  // A shell and the kernel may each send one, and the second must not cut off what the first lets end.
  const stopIfNot = () => {
    if (stops === 0) stopOnce();
  };
  source.on('SIGHUP', () => (hangUp === 'stops' ? stopIfNot() : reload()));
  // Left to itself, Node.js opens its debugger to every user of the host, and with it all secrets in memory.
  source.on('SIGUSR1', () => {});
  source.on('SIGTERM', stopOnce);
  source.on('SIGINT', stopOnce);
  return {
    onReload(callback) {
      reload = callback;
    },
    onStop(callback) {
      stop = callback;
      if (stops > 0) callback();
    },
  };
}

import type { Clock, Timer } from '../system/clock.ts';

export interface Watch {
  stop(): void;
}

/**
 * Asks every `everyMs` whether something has changed, and calls back when it has; the next look comes after the callback
 * has ended. Reading again, rather than waiting for the system to notify, sees every kind of change alike: an editor's
 * rename, a ConfigMap's switched link, a network file system.
 */
export function watchForChange(
  clock: Clock,
  everyMs: number,
  hasChanged: () => Promise<boolean>,
  onChange: () => Promise<unknown>,
): Watch {
  let stopped = false;
  let timer: Timer;
  const look = async () => {
    if ((await hasChanged()) && !stopped) await onChange();
    if (!stopped) timer = clock.after(everyMs, () => void look());
  };
  timer = clock.after(everyMs, () => void look());
  return {
    stop() {
      stopped = true;
      timer.cancel();
    },
  };
}

import type { PhaseName, Timing } from '../model/observation.ts';
import type { Clock } from '../system/clock.ts';

/**
 * Splits the time of one exchange into phases. A phase begins when we do something, and ends when we do the next thing or
 * when an event happens. The time between such an event and what we do next is our own, and in no phase.
 */
export interface Stopwatch {
  /** Ends the phase that is going on and begins `phase`, since we have done something; one that is entered again adds up. */
  enter(phase: PhaseName): void;
  /** Ends the phase that is going on and begins `phase`, since an event calls back now. */
  enterByEvent(phase: PhaseName): void;
  /** Ends the phase that is going on, since an event calls back now. */
  endByEvent(): void;
  /** The phase that is going on or was the last one; `resolve` before the first. */
  current(): PhaseName;
  /** Ends the phase that is going on and tells the milliseconds of each phase that was reached. */
  stop(): Timing;
}

export function createStopwatch(clock: Clock): Stopwatch {
  const phases: Partial<Record<PhaseName, number>> = {};
  let current: PhaseName | undefined;
  /** When the phase that is going on began; undefined while there is none. */
  let sinceMs: number | undefined;
  let uncertaintyMs = 0;
  /** The largest doubt about where one phase ends and the next one begins: it is none about their sum. */
  let inBetweenMs = 0;

  const begin = (phase: PhaseName, atMs: number) => {
    phases[phase] ??= 0;
    current = phase;
    sinceMs = atMs;
  };
  const end = (atMs: number) => {
    if (current && sinceMs !== undefined) phases[current] = (phases[current] ?? 0) + atMs - sinceMs;
    sinceMs = undefined;
  };
  /** When the event happened that ends a phase, and the doubt about it. */
  const readEvent = () => {
    const { nowMs, atMs, earliestMs } = clock.event();
    // What ends a phase happens after it began, however long this process was busy.
    const floorMs = sinceMs ?? nowMs;
    const likelyMs = Math.max(floorMs, atMs);
    return { likelyMs, doubtMs: Math.max(nowMs - likelyMs, likelyMs - Math.max(floorMs, earliestMs)) };
  };
  return {
    enter(phase) {
      const { nowMs } = clock.event();
      end(nowMs);
      begin(phase, nowMs);
    },
    enterByEvent(phase) {
      const { likelyMs, doubtMs } = readEvent();
      end(likelyMs);
      begin(phase, likelyMs);
      inBetweenMs = Math.max(inBetweenMs, doubtMs);
    },
    endByEvent() {
      const { likelyMs, doubtMs } = readEvent();
      end(likelyMs);
      uncertaintyMs += Math.max(inBetweenMs, doubtMs);
      inBetweenMs = 0;
    },
    current: () => current ?? 'resolve',
    stop() {
      end(clock.monotonicMs());
      return { phases: { ...phases }, uncertaintyMs: uncertaintyMs + inBetweenMs };
    },
  };
}

import type { ScheduleDefinition } from '../model/check.ts';
import type { Clock, Timer } from '../system/clock.ts';
import { createCron } from '../system/cron.ts';
import { spreadOf } from './spread.ts';

/** A run that is due now. Times are in monotonic milliseconds. */
export interface Due {
  readonly dueMs: number;
  /** When the schedule meant to call: lateness counts from here, also when the process was held up over several runs. */
  readonly awaitedMs: number;
  /** When the next one is due: the wait for a permit ends there. */
  readonly nextDueMs: number;
}

/** Calls back at each due time until it is stopped. */
export interface Schedule {
  start(onDue: (due: Due) => void): void;
  stop(): void;
  /** By how many milliseconds the next call is late so far; 0 when none is. */
  overdueMs(): number;
  /** The time between two due runs, in milliseconds; for cron the shortest of the next ten. */
  readonly intervalMs: number;
}

/** A check with a long interval has its first run within this time, so that a restart does not leave it unknown for long. */
const firstRunWithinMs = 60_000;
/** How often a cron schedule looks at the wall clock, so that a step of it is noticed. */
const lookMs = 10_000;
/** A wall clock that goes back by less than this is being corrected; by more, it was set. */
const stepMs = 5_000;

/**
 * Due times at `startMs + spread × interval + k × interval`: they count from the start, so they never drift, and a check
 * keeps its place within the interval over restarts and reloads. A due time that passed while the process was held up
 * is not made up for. With an interval of over a minute one more run comes first, within that minute.
 */
function createIntervalSchedule(clock: Clock, name: string, intervalMs: number, startMs: number): Schedule {
  const phaseMs = startMs + spreadOf(name) * intervalMs;
  let timer: Timer | undefined;
  let armedMs = Number.POSITIVE_INFINITY;

  const dueOf = (index: number) => phaseMs + index * intervalMs;
  /** Of the first due time after `ms`. Fractions round either way, so it is put right by the due times themselves. */
  const indexAfter = (ms: number) => {
    let index = Math.max(0, Math.floor((ms - phaseMs) / intervalMs));
    while (dueOf(index) <= ms) index++;
    return index;
  };
  return {
    intervalMs,
    start(onDue) {
      const arm = (dueMs: number) => {
        armedMs = dueMs;
        timer = clock.after(dueMs - clock.monotonicMs(), () => {
          // Of several due times that passed while the process was held up, only the last one is still of use.
          const lastDueMs = Math.max(dueMs, dueOf(indexAfter(clock.monotonicMs()) - 1));
          const nextDueMs = dueOf(indexAfter(lastDueMs));
          arm(nextDueMs);
          onDue({ dueMs: lastDueMs, awaitedMs: dueMs, nextDueMs });
        });
      };
      const nowMs = clock.monotonicMs();
      const earlyMs = nowMs + spreadOf(name) * firstRunWithinMs;
      const gridMs = dueOf(indexAfter(nowMs));
      arm(intervalMs > firstRunWithinMs ? Math.min(gridMs, earlyMs) : gridMs);
    },
    stop() {
      timer?.cancel();
      armedMs = Number.POSITIVE_INFINITY;
    },
    overdueMs: () => Math.max(0, clock.monotonicMs() - armedMs),
  };
}

/**
 * Due times of a cron expression on the wall clock. When that is set ahead, the due times in between count as one run,
 * at once; when it is set back, the schedule goes on from the new time at once. A small correction repeats nothing.
 */
function createCronSchedule(clock: Clock, expression: string, timezone: string): Schedule {
  const cron = createCron(expression, timezone);
  /** Due times up to here, in wall-clock milliseconds, have had their run. */
  let handledMs = clock.wallMs();
  let timer: Timer | undefined;
  let awaitedMs = Number.POSITIVE_INFINITY;

  /** The last due time up to `wallMs`, by halving: years may have been stepped over. There is one after `handledMs`. */
  const lastDueBy = (wallMs: number, firstMs: number) => {
    let dueMs = firstMs;
    let beforeMs = handledMs;
    let afterMs = wallMs;
    // Due times stand on whole seconds.
    while (afterMs - beforeMs > 1000) {
      const middleMs = (beforeMs + afterMs) / 2;
      const nextMs = cron.nextAfterMs(middleMs);
      if (nextMs !== undefined && nextMs <= wallMs) {
        beforeMs = middleMs;
        dueMs = nextMs;
      } else afterMs = middleMs;
    }
    return dueMs;
  };
  return {
    get intervalMs() {
      let dueMs = cron.nextAfterMs(clock.wallMs());
      let shortestMs = Number.POSITIVE_INFINITY;
      for (let count = 0; count < 10 && dueMs !== undefined; count++) {
        const nextMs = cron.nextAfterMs(dueMs);
        if (nextMs !== undefined) shortestMs = Math.min(shortestMs, nextMs - dueMs);
        dueMs = nextMs;
      }
      return shortestMs;
    },
    start(onDue) {
      awaitedMs = clock.monotonicMs();
      const look = () => {
        const wallMs = clock.wallMs();
        if (wallMs < handledMs - stepMs) handledMs = wallMs - 1; // what is due at this very moment is not handled yet
        const dueMs = cron.nextAfterMs(handledMs);
        if (dueMs !== undefined && dueMs <= wallMs) {
          const lastMs = lastDueBy(wallMs, dueMs);
          handledMs = lastMs;
          const toMonotonic = clock.monotonicMs() - wallMs;
          const nextMs = cron.nextAfterMs(lastMs) ?? Number.POSITIVE_INFINITY;
          onDue({ dueMs: lastMs + toMonotonic, awaitedMs, nextDueMs: nextMs + toMonotonic });
        }
        const nextMs = cron.nextAfterMs(handledMs) ?? Number.POSITIVE_INFINITY;
        const delayMs = Math.min(lookMs, nextMs - clock.wallMs());
        awaitedMs = clock.monotonicMs() + delayMs;
        timer = clock.after(delayMs, look);
      };
      look();
    },
    stop() {
      timer?.cancel();
      awaitedMs = Number.POSITIVE_INFINITY;
    },
    overdueMs: () => Math.max(0, clock.monotonicMs() - awaitedMs),
  };
}

/** A schedule as the configuration defines it. `startMs` is the monotonic time that `every:` counts from. */
export function createSchedule(clock: Clock, name: string, definition: ScheduleDefinition, startMs: number): Schedule {
  return 'everyMs' in definition
    ? createIntervalSchedule(clock, name, definition.everyMs, startMs)
    : createCronSchedule(clock, definition.cron, definition.timezone);
}

import nodeCron from 'node-cron';

/** A cron expression in a time zone. */
export interface Cron {
  /** The first due time after `wallMs`; both in milliseconds since 1970. Undefined when there is none in eight years. */
  nextAfterMs(wallMs: number): number | undefined;
}

/** Thrown for an expression or a time zone that cannot be used; the message is one clause for a person. */
export class CronError extends Error {
  readonly code = 'CRON';
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Zones change their offset on a quarter of an hour at the finest. */
const quarterHourMs = hourMs / 4;
/** 29 February may stay away for eight years (1896 to 1904, 2096 to 2104). */
const horizonDays = 8 * 366;
/** No zone has ever skipped more than this by a change of daylight saving time. */
const longestGapMs = 3 * hourMs;

/** How far local time is ahead of UTC at an instant, in milliseconds. */
type OffsetAt = (wallMs: number) => number;

function offsetIn(timezone: string): OffsetAt {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new CronError(`there is no time zone ${JSON.stringify(timezone)}`);
  }
  const measure = (wallMs: number) => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(wallMs)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - wallMs;
  };
  // Formatting is dear and a search asks for the same few hours again and again.
  const known = new Map<number, number>();
  return (wallMs) => {
    const quarterMs = Math.floor(wallMs / quarterHourMs) * quarterHourMs;
    let offsetMs = known.get(quarterMs);
    if (offsetMs === undefined) {
      if (known.size > 1000) known.clear();
      offsetMs = measure(quarterMs);
      known.set(quarterMs, offsetMs);
    }
    return offsetMs;
  };
}

/** Local times of one day at which an expression is due, as milliseconds since local midnight, in order from `fromMs`. */
function* timesOfDay(hours: number[], minutes: number[], seconds: number[], fromMs: number): Generator<number> {
  for (const hour of hours) {
    if ((hour + 1) * hourMs <= fromMs) continue;
    for (const minute of minutes) {
      for (const second of seconds) {
        const timeMs = ((hour * 60 + minute) * 60 + second) * 1000;
        if (timeMs >= fromMs) yield timeMs;
      }
    }
  }
}

/**
 * node-cron reads the expression and says which days match; the walk over time is ours, because node-cron's own timers
 * follow the wall clock through every step. Local times are kept as if they were UTC, so they can be added to.
 *
 * Daylight saving time, as cron daemons do it: an expression that names its hours runs once for each local time that it
 * names; at the hour's first pass when that comes twice, and as much later as the clock jumped when it never comes.
 * An expression for every hour follows real time: it runs through both passes, and not in an hour that is not there.
 */
export function createCron(expression: string, timezone: string): Cron {
  const { valid, errors, fields } = nodeCron.validateDetailed(expression);
  if (!valid || !fields) throw new CronError(errors.map(({ message }) => message).join(', '));
  const offsetAt = offsetIn(timezone);
  const task = nodeCron.createTask(expression, () => {}, { timezone: 'UTC' });
  const { hour: hours, minute: minutes, second: seconds } = fields;
  const everyHour = hours.length === 24;
  const firstOfDayMs = (((hours[0] ?? 0) * 60 + (minutes[0] ?? 0)) * 60 + (seconds[0] ?? 0)) * 1000;
  const dayMatches = (localDayMs: number) => task.match(new Date(localDayMs + firstOfDayMs));

  /** The instants at which a clock on the wall shows `localMs`, or what stands in for a time that it skips. */
  const instantsOf = (localMs: number): readonly number[] => {
    const before = localMs - offsetAt(localMs - dayMs);
    const after = localMs - offsetAt(localMs + dayMs);
    if (before === after) return [before];
    const shown = [before, after].filter((instantMs) => instantMs + offsetAt(instantMs) === localMs);
    if (everyHour) return shown;
    return shown.length > 0 ? [Math.min(...shown)] : [before];
  };

  /** Around a change, local order and real order differ by up to the gap; elsewhere they are the same. */
  const disorderMs = (wallMs: number) => (offsetAt(wallMs - dayMs) === offsetAt(wallMs + dayMs) ? 0 : longestGapMs);

  const nextAfterMs = (wallMs: number) => {
    const fromLocalMs = wallMs + offsetAt(wallMs) - disorderMs(wallMs);
    const firstDay = Math.floor(fromLocalMs / dayMs);
    let earliest: number | undefined;
    let lastLocalMs = (firstDay + horizonDays) * dayMs;
    for (let dayStartMs = firstDay * dayMs; dayStartMs < lastLocalMs; dayStartMs += dayMs) {
      if (!dayMatches(dayStartMs)) continue;
      for (const timeMs of timesOfDay(hours, minutes, seconds, fromLocalMs - dayStartMs)) {
        if (dayStartMs + timeMs > lastLocalMs) return earliest;
        for (const instantMs of instantsOf(dayStartMs + timeMs)) {
          if (instantMs <= wallMs || (earliest !== undefined && instantMs >= earliest)) continue;
          earliest = instantMs;
          lastLocalMs = instantMs + offsetAt(instantMs) + disorderMs(instantMs);
        }
      }
    }
    return earliest;
  };
  return { nextAfterMs };
}

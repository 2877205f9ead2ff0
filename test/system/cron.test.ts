import fc from 'fast-check';
import nodeCron from 'node-cron';
import { describe, expect, it } from 'vitest';
import { CronError, createCron } from '../../src/system/cron.ts';

/** The next `count` due times after `from`, as ISO times in UTC without seconds of zero. */
function dueTimes(expression: string, timezone: string, from: string, count: number): string[] {
  const cron = createCron(expression, timezone);
  const times: string[] = [];
  let wallMs: number | undefined = Date.parse(from);
  while (times.length < count) {
    wallMs = cron.nextAfterMs(wallMs);
    if (wallMs === undefined) break;
    times.push(new Date(wallMs).toISOString().replace(':00.000Z', 'Z'));
  }
  return times;
}

describe('a cron expression', () => {
  it.each([
    ['*/5 * * * *', 'UTC', '2026-01-01T00:02:10Z', ['2026-01-01T00:05Z', '2026-01-01T00:10Z']],
    ['30 9 * * 1-5', 'Europe/Berlin', '2026-01-02T09:00:00Z', ['2026-01-05T08:30Z', '2026-01-06T08:30Z']],
    ['*/20 * * * * *', 'UTC', '2026-01-01T00:00:30.500Z', ['2026-01-01T00:00:40.000Z', '2026-01-01T00:01Z']],
    ['0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    ['0 12 L * *', 'America/New_York', '2026-02-01T00:00:00Z', ['2026-02-28T17:00Z', '2026-03-31T16:00Z']],
    ['15 6 * * *', 'Asia/Kathmandu', '2026-01-01T00:00:00Z', ['2026-01-01T00:30Z', '2026-01-02T00:30Z']],
  ])('%s in %s is due at the times that it says', (expression, timezone, from, expected) => {
    expect(dueTimes(expression, timezone, from, 2)).toEqual(expected);
  });

  it('has no due time when its day stays away for longer than eight years', () => {
    expect(dueTimes('0 0 * 2 1#5', 'UTC', '2026-01-01T00:00:00Z', 1)).toEqual([]);
  });

  it('is due at an exact second, also when it is asked within it', () => {
    const cron = createCron('0 * * * *', 'UTC');
    const hour = Date.UTC(2026, 0, 1, 1);
    expect(cron.nextAfterMs(hour - 1)).toBe(hour);
    expect(cron.nextAfterMs(hour)).toBe(hour + 3_600_000);
    expect(cron.nextAfterMs(hour + 0.5)).toBe(hour + 3_600_000);
  });

  it.each([
    ['61 * * * *', 'UTC', /61/],
    ['* * *', 'UTC', /5 or 6 fields/],
    ['0 0 30 2 *', 'UTC', /30/],
    ['* * * * *', 'Mars/Olympus', /there is no time zone "Mars\/Olympus"/],
  ])('%s in %s is refused with the reason', (expression, timezone, reason) => {
    expect(() => createCron(expression, timezone)).toThrow(CronError);
    expect(() => createCron(expression, timezone)).toThrow(reason);
  });
});

describe('at the change to summer time, when 02:00 to 03:00 does not come', () => {
  it('a daily time within the gap runs once, as much later as the clock jumped', () => {
    expect(dueTimes('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30Z',
      '2026-03-29T01:30Z',
      '2026-03-30T00:30Z',
    ]);
  });

  it('a moved time and one that stands there anyway are one run', () => {
    expect(dueTimes('0,30 2,3 * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', 3)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-29T01:30Z',
      '2026-03-30T00:00Z',
    ]);
  });

  it('an expression for every hour goes on in real time', () => {
    expect(dueTimes('*/30 * * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', 4)).toEqual([
      '2026-03-29T00:30Z',
      '2026-03-29T01:00Z',
      '2026-03-29T01:30Z',
      '2026-03-29T02:00Z',
    ]);
  });

  it('a gap of half an hour is moved over as well', () => {
    expect(dueTimes('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', 2)).toEqual([
      '2026-10-03T15:45Z',
      '2026-10-04T15:15Z',
    ]);
  });
});

describe('at the change to winter time, when 02:00 to 03:00 comes twice', () => {
  it('a daily time runs once, at the first pass', () => {
    expect(dueTimes('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
    ]);
  });

  it('an expression for every hour runs through both passes', () => {
    expect(dueTimes('*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', 6)).toEqual([
      '2026-10-25T00:00Z',
      '2026-10-25T00:30Z',
      '2026-10-25T01:00Z',
      '2026-10-25T01:30Z',
      '2026-10-25T02:00Z',
      '2026-10-25T02:30Z',
    ]);
  });
});

describe('the walk over time', () => {
  const field = (max: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min: 2, max: 20 }).map((step) => `*/${step}`),
      fc.integer({ min: 0, max }).map(String),
    );

  it('finds what node-cron itself matches, minute by minute, away from a change of offset', () => {
    fc.assert(
      fc.property(
        field(59),
        field(23),
        fc.constantFrom('UTC', 'Europe/Berlin', 'America/Los_Angeles', 'Asia/Kolkata'),
        fc.integer({ min: 0, max: 20_000 }),
        (minute, hour, timezone, startMinutes) => {
          const expression = `${minute} ${hour} * * *`;
          const task = nodeCron.createTask(expression, () => {}, { timezone });
          const fromMs = Date.UTC(2026, 0, 5) + startMinutes * 60_000;
          let expectedMs = fromMs + 60_000;
          while (!task.match(new Date(expectedMs))) expectedMs += 60_000;
          expect(createCron(expression, timezone).nextAfterMs(fromMs)).toBe(expectedMs);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('always goes forward, over a year with both changes', () => {
    fc.assert(
      fc.property(field(59), field(23), fc.integer({ min: 0, max: 366 * 24 * 60 }), (minute, hour, startMinutes) => {
        const cron = createCron(`${minute} ${hour} * * *`, 'Europe/Berlin');
        let wallMs = Date.UTC(2026, 0, 1) + startMinutes * 60_000;
        for (let step = 0; step < 10; step++) {
          const nextMs = cron.nextAfterMs(wallMs) as number;
          expect(nextMs).toBeGreaterThan(wallMs);
          expect(nextMs - wallMs).toBeLessThanOrEqual(26 * 3_600_000);
          wallMs = nextMs;
        }
      }),
      { numRuns: 200 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lifetimeFrom } from '../../../src/auth/source/lifetime.ts';
import { createRefreshSchedule } from '../../../src/auth/source/refresh-schedule.ts';
import type { RefreshDefinition } from '../../../src/model/check.ts';
import { createVirtualClock } from '../../support/virtual-system.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function dueIn(refresh: RefreshDefinition, lifeMs: number, unit = 0, stepMs = 0): number {
  const clock = createVirtualClock();
  const since = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
  clock.stepWall(stepMs);
  return createRefreshSchedule(clock, refresh).dueInMs(lifetimeFrom(since, lifeMs), { since, askedAtMs: 0, unit });
}

describe('a refresh by share of life', () => {
  it('is due when the share is left', () => {
    expect(dueIn({ beforeExpiry: 0.2 }, hourMs)).toBe(48 * minuteMs);
  });

  it('is brought forward by up to a quarter of the margin', () => {
    expect(dueIn({ beforeExpiry: 0.2 }, hourMs, 1)).toBe(45 * minuteMs);
  });

  it('comes before expiry and five seconds after the last at the least, whatever is set and drawn', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, fc.integer({ min: 1, max: 30 * 24 * hourMs }), (beforeExpiry, unit, lifeMs) => {
        const dueInMs = dueIn({ beforeExpiry }, lifeMs, unit);
        expect(dueInMs).toBeGreaterThanOrEqual(5000);
        expect(dueInMs).toBeLessThanOrEqual(Math.max(5000, lifeMs));
      }),
    );
  });
});

describe('a token that was restored near its end', () => {
  it.each([
    ['nobody was asked yet', undefined, -12_000],
    ['the issuer was asked long ago', 10_000, -12_000],
    ['the issuer was asked a moment ago', 59_000, 4000],
  ])('is overdue, and waits for the gap between two requests alone: %s', async (_when, askedAtMs, dueInMs) => {
    const clock = createVirtualClock();
    const lifetime = lifetimeFrom({ monotonicMs: 0, wallMs: clock.wallMs() }, minuteMs);
    await clock.advance(minuteMs);
    const since = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
    const schedule = createRefreshSchedule(clock, { beforeExpiry: 0.2 });
    expect(schedule.dueInMs(lifetime, { since, askedAtMs, unit: 0 })).toBe(dueInMs);
  });
});

describe('a refresh by interval', () => {
  it('is due after the interval', () => {
    expect(dueIn({ everyMs: 10 * minuteMs }, hourMs)).toBe(10 * minuteMs);
  });

  it('is due before the token ends when the interval is longer than its life', () => {
    expect(dueIn({ everyMs: 2 * hourMs }, hourMs)).toBe(48 * minuteMs);
  });
});

describe('a short interval', () => {
  it.each([
    [{ everyMs: 1000 }, 1000],
    [{ everyMs: 3000 }, 3000],
    [{ everyMs: 200 }, 1000],
    [{ everyMs: 60_000 }, 5000],
    [{ beforeExpiry: 1 }, 5000],
  ])('is the gap between two requests, of a second and no more than five: %j', async (refresh, gapMs) => {
    const clock = createVirtualClock();
    await clock.advance(60_000);
    const since = { monotonicMs: 0, wallMs: clock.wallMs() - 60_000 };
    const lifetime = lifetimeFrom(since, 60_000);
    const last = { since, askedAtMs: clock.monotonicMs(), unit: 0 };
    expect(createRefreshSchedule(clock, refresh).dueInMs(lifetime, last)).toBe(gapMs);
  });
});

describe('a refresh by cron', () => {
  const cron = { cron: '30 * * * *', timezone: 'UTC' };

  it('is due at its time', () => {
    expect(dueIn(cron, 24 * hourMs)).toBe(30 * minuteMs);
  });

  it('follows a wall clock that was set: due at once when its time was jumped over', () => {
    expect(dueIn(cron, 24 * hourMs, 0, 10 * minuteMs)).toBe(20 * minuteMs);
    expect(dueIn(cron, 24 * hourMs, 0, hourMs)).toBe(5000);
  });

  it('is due before the token ends when its time comes later', () => {
    expect(dueIn(cron, 10 * minuteMs)).toBe(8 * minuteMs);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSchedule, type Due } from '../../src/engine/schedule.ts';
import { spreadOf } from '../../src/engine/spread.ts';
import type { ScheduleDefinition } from '../../src/model/check.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-system.ts';

/** Starts a schedule and keeps, for each call back, when it came and for what due time. */
function watch(clock: VirtualClock, definition: ScheduleDefinition, name = 'check', startMs = clock.monotonicMs()) {
  const calls: (Due & { atMs: number; wall: string })[] = [];
  const schedule = createSchedule(clock, name, definition, startMs);
  schedule.start((due) => {
    const wall = new Date(clock.wallMs()).toISOString().slice(11, 19);
    calls.push({ ...due, atMs: clock.monotonicMs(), wall });
  });
  return { calls, schedule };
}

describe('a schedule by interval', () => {
  it('is due at its own place within the interval, and counts from the start', async () => {
    const clock = createVirtualClock();
    const { calls, schedule } = watch(clock, { everyMs: 10_000 });
    await clock.advance(35_000);
    const phaseMs = spreadOf('check') * 10_000;
    expect(calls.map(({ dueMs }) => dueMs)).toEqual(
      [0, 1, 2, 3].map((k) => phaseMs + k * 10_000).filter((ms) => ms <= 35_000),
    );
    expect(calls.every(({ dueMs, nextDueMs }) => Math.abs(nextDueMs - dueMs - 10_000) < 1e-6)).toBe(true);
    expect(schedule.intervalMs).toBe(10_000);
  });

  it('keeps that place when it is made anew later, as a reload does', async () => {
    const clock = createVirtualClock();
    await clock.advance(123_456);
    const { calls } = watch(clock, { everyMs: 10_000 }, 'check', 0);
    await clock.advance(10_000);
    expect(calls.map(({ dueMs }) => dueMs % 10_000)).toEqual([expect.closeTo(spreadOf('check') * 10_000)]);
  });

  it('does not drift over a day at 100 ms', async () => {
    const clock = createVirtualClock();
    const { calls } = watch(clock, { everyMs: 100 });
    await clock.advance(60_000);
    expect(calls).toHaveLength(600);
    expect(calls.at(-1)?.dueMs).toBeCloseTo(spreadOf('check') * 100 + 599 * 100);
  });

  it('does not make up for due times that passed while the process was held up', async () => {
    const clock = createVirtualClock();
    const late: number[] = [];
    const held = { ...clock, after: clock.after };
    let jumpMs = 0;
    held.monotonicMs = () => clock.monotonicMs() + jumpMs;
    const awaited: number[] = [];
    createSchedule(held, 'check', { everyMs: 1000 }, 0).start(({ dueMs, awaitedMs }) => {
      late.push(dueMs);
      awaited.push(awaitedMs);
    });
    jumpMs = 5000;
    await clock.advance(1000);
    const phaseMs = spreadOf('check') * 1000;
    expect(late[0]).toBeCloseTo(phaseMs + 5000);
    expect(awaited[0]).toBeCloseTo(phaseMs);
    expect(late.length).toBeLessThanOrEqual(2);
  });

  it('of more than a minute has an early first run, then keeps to its place', async () => {
    const clock = createVirtualClock();
    const { calls } = watch(clock, { everyMs: 3_600_000 });
    await clock.advance(60_000);
    expect(calls).toHaveLength(1);
    await clock.advance(3_600_000);
    expect(calls.at(1)?.dueMs).toBeCloseTo(spreadOf('check') * 3_600_000);
    expect(calls.at(0)?.nextDueMs).toBe(calls.at(1)?.dueMs);
  });

  it('is not disturbed by a step of the wall clock', async () => {
    const clock = createVirtualClock();
    const { calls } = watch(clock, { everyMs: 1000 });
    await clock.advance(3000);
    clock.stepWall(-3_600_000);
    await clock.advance(3000);
    clock.stepWall(7_200_000);
    await clock.advance(3000);
    expect(calls).toHaveLength(9);
  });

  it('ends when it is stopped', async () => {
    const clock = createVirtualClock();
    const { calls, schedule } = watch(clock, { everyMs: 1000 });
    schedule.stop();
    await clock.advance(5000);
    expect(calls).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  it('spreads a thousand checks evenly over the interval', () => {
    const perTenth = new Array(10).fill(0);
    for (let index = 0; index < 1000; index++) perTenth[Math.floor(spreadOf(`check-${index}`) * 10)]++;
    expect(Math.min(...perTenth)).toBeGreaterThan(60);
    expect(Math.max(...perTenth)).toBeLessThan(140);
  });

  it('is due once in each interval, whatever the interval, the name and the fractions of the clock', async () => {
    const start = fc.double({ min: 0, max: 1e9, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 100, max: 60_000 }), fc.string(), start, async (everyMs, name, startMs) => {
        const clock = createVirtualClock();
        await clock.advance(startMs);
        const { calls } = watch(clock, { everyMs }, name);
        await clock.advance(everyMs * 20);
        expect(calls.length).toBeGreaterThanOrEqual(19);
        expect(calls.length).toBeLessThanOrEqual(21);
        for (const [index, { dueMs, nextDueMs, atMs }] of calls.entries()) {
          expect(nextDueMs - dueMs).toBeCloseTo(everyMs);
          expect(atMs).toBeCloseTo(dueMs);
          expect(dueMs).toBe(index === 0 ? dueMs : calls[index - 1]?.nextDueMs);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a schedule by cron', () => {
  const everyMinute = { cron: '* * * * *', timezone: 'UTC' };
  const everySecond = { cron: '* * * * * *', timezone: 'UTC' };

  it('is due at the times of the wall clock', async () => {
    const clock = createVirtualClock(Date.UTC(2026, 0, 1, 12, 0, 30));
    const { calls, schedule } = watch(clock, everyMinute);
    await clock.advance(150_000);
    expect(calls.map(({ wall }) => wall)).toEqual(['12:01:00', '12:02:00', '12:03:00']);
    expect(calls[0]).toMatchObject({ dueMs: 30_000, nextDueMs: 90_000 });
    expect(schedule.intervalMs).toBe(60_000);
  });

  it('runs once when the wall clock is set ahead over many due times', async () => {
    const clock = createVirtualClock(Date.UTC(2026, 0, 1, 12));
    const { calls } = watch(clock, everySecond);
    await clock.advance(2500);
    clock.stepWall(3_600_000);
    await clock.advance(2000);
    expect(calls.map(({ wall }) => wall)).toEqual(['12:00:01', '12:00:02', '13:00:03', '13:00:04']);
  });

  it('runs the last of the due times that a step of a year passed over', async () => {
    const clock = createVirtualClock(Date.UTC(2026, 0, 1, 12, 0, 30));
    const { calls } = watch(clock, { cron: '0 3 * * 1', timezone: 'Europe/Berlin' });
    clock.stepWall(365 * 86_400_000);
    await clock.advance(10_000);
    expect(calls).toHaveLength(1);
    expect(new Date(clock.wallMs() + (calls[0]?.dueMs ?? 0) - clock.monotonicMs()).toISOString()).toBe(
      '2026-12-28T02:00:00.000Z',
    );
  });

  it('goes on at once when the wall clock is set back', async () => {
    const clock = createVirtualClock(Date.UTC(2026, 0, 1, 12));
    const { calls } = watch(clock, everySecond);
    await clock.advance(2500);
    clock.stepWall(-12_000);
    await clock.advance(2000);
    expect(calls.map(({ wall }) => wall)).toEqual(['12:00:01', '12:00:02', '11:59:51', '11:59:52']);
  });

  it('repeats no run when the wall clock is corrected by a little', async () => {
    const clock = createVirtualClock(Date.UTC(2026, 0, 1, 12));
    const { calls } = watch(clock, everyMinute);
    await clock.advance(60_100);
    clock.stepWall(-500);
    await clock.advance(60_500);
    expect(calls.map(({ wall }) => wall)).toEqual(['12:01:00', '12:02:00']);
  });

  it('notices a step within seconds while the next due time is far', async () => {
    const clock = createVirtualClock(Date.UTC(2026, 0, 1, 12));
    const { calls } = watch(clock, { cron: '0 18 * * *', timezone: 'UTC' });
    await clock.advance(5_000);
    clock.stepWall(6 * 3_600_000);
    await clock.advance(10_000);
    expect(calls).toHaveLength(1);
  });

  it('has no interval when it is due never again', () => {
    const schedule = createSchedule(createVirtualClock(), 'check', { cron: '0 0 * 2 1#5', timezone: 'UTC' }, 0);
    expect(schedule.intervalMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('waits without end for a due time that does not come', async () => {
    const clock = createVirtualClock();
    const { calls, schedule } = watch(clock, { cron: '0 0 * 2 1#5', timezone: 'UTC' });
    await clock.advance(60_000);
    schedule.stop();
    expect(calls).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});

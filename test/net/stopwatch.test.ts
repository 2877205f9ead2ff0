import { describe, expect, it } from 'vitest';
import { createStopwatch } from '../../src/net/stopwatch.ts';
import { createVirtualClock } from '../support/virtual-system.ts';

describe('a stopwatch', () => {
  it('tells only the phases that were reached, without a gap between them', async () => {
    const clock = createVirtualClock();
    const stopwatch = createStopwatch(clock);
    await clock.advance(1000);
    stopwatch.enter('resolve');
    await clock.advance(20);
    stopwatch.enter('connect');
    await clock.advance(30);
    expect(stopwatch.stop().phases).toEqual({ resolve: 20, connect: 30 });
  });

  it('adds up a phase that is entered again', async () => {
    const clock = createVirtualClock();
    const stopwatch = createStopwatch(clock);
    for (const phase of ['resolve', 'connect', 'resolve'] as const) {
      stopwatch.enter(phase);
      await clock.advance(5);
    }
    expect(stopwatch.stop().phases).toEqual({ resolve: 10, connect: 5 });
  });

  it('is not moved any more by what happens after its end', async () => {
    const clock = createVirtualClock();
    const stopwatch = createStopwatch(clock);
    stopwatch.enter('request');
    const { phases } = stopwatch.stop();
    await clock.advance(5);
    stopwatch.enter('wait');
    expect(phases).toEqual({ request: 0 });
  });

  it('knows the phase that is going on', () => {
    const stopwatch = createStopwatch(createVirtualClock());
    expect(stopwatch.current()).toBe('resolve');
    stopwatch.enter('tls');
    expect(stopwatch.current()).toBe('tls');
  });

  it('tells nothing when no phase was reached', () => {
    expect(createStopwatch(createVirtualClock()).stop()).toEqual({ phases: {}, uncertaintyMs: 0 });
  });

  it('ends a phase when its event happened, and leaves out what we did from then on', async () => {
    const clock = createVirtualClock();
    const stopwatch = createStopwatch(clock);
    stopwatch.enter('connect');
    await clock.advance(100);
    clock.lagBy(25);
    stopwatch.endByEvent();
    await clock.advance(10);
    stopwatch.enter('request');
    await clock.advance(1);
    stopwatch.enter('wait');
    await clock.advance(40);
    clock.lagBy(3);
    stopwatch.enterByEvent('transfer');
    stopwatch.endByEvent();
    expect(stopwatch.stop()).toEqual({
      phases: { connect: 75, request: 1, wait: 37, transfer: 0 },
      uncertaintyMs: 28,
    });
  });

  it('counts the doubt about what lies between two phases, where nothing comes after it', async () => {
    const clock = createVirtualClock();
    const stopwatch = createStopwatch(clock);
    stopwatch.enter('wait');
    await clock.advance(40);
    clock.lagBy(8);
    stopwatch.enterByEvent('transfer');
    await clock.advance(2);
    expect(stopwatch.stop()).toEqual({ phases: { wait: 32, transfer: 10 }, uncertaintyMs: 8 });
  });

  it('knows that an event happened after what we did, however busy we were', async () => {
    const clock = createVirtualClock();
    const stopwatch = createStopwatch(clock);
    clock.lagBy(25);
    stopwatch.enter('connect');
    await clock.advance(10);
    stopwatch.endByEvent();
    expect(stopwatch.stop()).toEqual({ phases: { connect: 0 }, uncertaintyMs: 10 });
  });
});

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

  it('adds up how late the ends of the phases may have been noted, each by no more than its phase took', async () => {
    const clock = createVirtualClock();
    const stopwatch = createStopwatch(clock);
    clock.lagBy(25);
    stopwatch.enter('resolve');
    await clock.advance(1);
    stopwatch.enter('connect');
    await clock.advance(100);
    stopwatch.enter('wait');
    clock.lagBy(3);
    await clock.advance(40);
    expect(stopwatch.stop()).toEqual({ phases: { resolve: 1, connect: 100, wait: 40 }, uncertaintyMs: 29 });
  });
});

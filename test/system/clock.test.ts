import { describe, expect, it } from 'vitest';
import { createClock, sleep } from '../../src/system/clock.ts';
import { createSystem } from '../../src/system/system.ts';
import { createVirtualClock } from '../support/virtual-system.ts';

describe('the real clock', () => {
  it('calls back after the time and not before', async () => {
    const clock = createClock();
    const startMs = clock.monotonicMs();
    await new Promise<void>((resolve) => clock.after(3.7, resolve));
    expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(3);
  });

  it('does not call back what is cancelled', async () => {
    const clock = createClock();
    let called = false;
    clock
      .after(1, () => {
        called = true;
      })
      .cancel();
    await new Promise<void>((resolve) => clock.after(5, resolve));
    expect(called).toBe(false);
  });

  it('bears a delay of years, which a timer of Node would take for nothing', async () => {
    const clock = createClock();
    let called = false;
    const timer = clock.after(400 * 86_400_000, () => {
      called = true;
    });
    await new Promise<void>((resolve) => clock.after(5, resolve));
    expect(called).toBe(false);
    timer.cancel();
  });
});

describe('a sleep', () => {
  it('ends after its time', async () => {
    const clock = createVirtualClock();
    let awake = false;
    void sleep(clock, 1000).then(() => {
      awake = true;
    });
    await clock.advance(999);
    expect(awake).toBe(false);
    await clock.advance(1);
    expect(awake).toBe(true);
  });

  it('ends early by its signal and leaves no timer', async () => {
    const clock = createVirtualClock();
    const stop = new AbortController();
    const slept = sleep(clock, 1000, stop.signal);
    stop.abort();
    await slept;
    await sleep(clock, 1000, stop.signal);
    expect(clock.pending()).toBe(0);
  });
});

describe('the real system', () => {
  it('gives time, randomness and the environment', () => {
    const system = createSystem();
    expect(Math.abs(system.clock.wallMs() - Date.now())).toBeLessThan(60_000);
    expect(system.random.unit()).toBeLessThan(1);
    expect(system.random.bytes(16)).toHaveLength(16);
    expect(system.environment('PATH')).toBe(process.env.PATH);
    expect(system.environment('SONDE_IS_NOT_SET')).toBeUndefined();
  });
});

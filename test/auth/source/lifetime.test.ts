import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asOfNow,
  defaultLifeMs,
  lifetimeFrom,
  restoredLifetime,
  storedLifetime,
} from '../../../src/auth/source/lifetime.ts';
import type { SkewView } from '../../../src/model/token.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-system.ts';

const now = (clock: VirtualClock) => ({ monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() });
const hourMs = 3_600_000;

describe('the life of a token', () => {
  it('counts from when the request was sent', () => {
    const clock = createVirtualClock();
    expect(lifetimeFrom(now(clock), 60_000).expiresAtMs).toBe(clock.monotonicMs() + 60_000);
  });

  it('is an hour when the issuer does not say', () => {
    const clock = createVirtualClock();
    expect(lifetimeFrom(now(clock)).expiresAtMs).toBe(clock.monotonicMs() + defaultLifeMs);
    expect(defaultLifeMs).toBe(hourMs);
  });

  it('is cut short when the host was suspended: the wall clock went on alone', () => {
    const clock = createVirtualClock();
    const lifetime = lifetimeFrom(now(clock), hourMs);
    clock.stepWall(2 * hourMs);
    expect(asOfNow(lifetime, clock).expiresAtMs).toBe(clock.monotonicMs() - hourMs);
  });

  it('is not made longer by a wall clock that is set back, nor by one that comes back', () => {
    const clock = createVirtualClock();
    const lifetime = lifetimeFrom(now(clock), hourMs);
    clock.stepWall(-2 * hourMs);
    expect(asOfNow(lifetime, clock).expiresAtMs).toBe(lifetime.expiresAtMs);
    clock.stepWall(2 * hourMs + 60_000);
    const shortened = asOfNow(lifetime, clock);
    clock.stepWall(-60_000);
    expect(asOfNow(shortened, clock).expiresAtMs).toBe(shortened.expiresAtMs);
  });

  it('follows the monotonic clock while the two part by five seconds or less', () => {
    const clock = createVirtualClock();
    const lifetime = lifetimeFrom(now(clock), hourMs);
    clock.stepWall(5000);
    expect(asOfNow(lifetime, clock)).toBe(lifetime);
    clock.stepWall(1);
    expect(asOfNow(lifetime, clock).expiresAtMs).toBe(lifetime.expiresAtMs - 5001);
  });

  it('never grows, whatever the wall clock does', async () => {
    const steps = fc.array(fc.record({ passMs: fc.nat(hourMs), stepMs: fc.integer({ min: -hourMs, max: hourMs }) }));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30 * 24 * hourMs }), steps, async (lifeMs, moves) => {
        const clock = createVirtualClock();
        let lifetime = lifetimeFrom(now(clock), lifeMs);
        for (const { passMs, stepMs } of moves) {
          await clock.advance(passMs);
          clock.stepWall(stepMs);
          const { expiresAtMs } = lifetime;
          lifetime = asOfNow(lifetime, clock);
          expect(lifetime.expiresAtMs).toBeLessThanOrEqual(expiresAtMs);
          expect(lifetime.expiresAtMs).toBeLessThanOrEqual(lifeMs);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('the life of a token on a host whose skew is known', () => {
  const skewOf = (skewMs: number, uncertaintyMs = 100): SkewView => ({ skewMs, uncertaintyMs, toleranceMs: 1000 });

  it('is cut short in true time when the clock was set back while the host was suspended or sonde did not run', () => {
    const clock = createVirtualClock();
    const received = lifetimeFrom(now(clock), hourMs, skewOf(400_000));
    const stored = storedLifetime(received);
    expect(stored).toMatchObject({ obtainedAtMs: clock.wallMs(), obtainedSkewMs: 400_000 });
    // 600 s pass, of which the clock shows 200.
    const later = createVirtualClock(clock.wallMs() + 200_000);
    const restored = restoredLifetime(later, stored);
    if (!restored) throw new Error('not restored');
    expect(asOfNow(restored, later).expiresAtMs).toBe(hourMs - 200_000);
    expect(asOfNow(restored, later, skewOf(0)).expiresAtMs).toBe(hourMs - 600_000);
  });

  it('is not made longer when the clock was set ahead: the earlier expiry holds', () => {
    const clock = createVirtualClock();
    const received = lifetimeFrom(now(clock), hourMs, skewOf(0));
    clock.stepWall(400_000);
    expect(asOfNow(received, clock, skewOf(400_000)).expiresAtMs).toBe(hourMs - 400_000);
  });

  it('is left alone by less than five seconds and what the skew itself may be off by', () => {
    const clock = createVirtualClock();
    const received = lifetimeFrom(now(clock), hourMs, skewOf(0));
    expect(asOfNow(received, clock, skewOf(-5100))).toBe(received);
    expect(asOfNow(received, clock, skewOf(-5101)).expiresAtMs).toBe(hourMs - 5101);
    expect(asOfNow(received, clock, skewOf(-9000, 4000))).toBe(received);
  });

  it('says nothing of true time when the skew of the receipt is not known', () => {
    const clock = createVirtualClock();
    const received = lifetimeFrom(now(clock), hourMs);
    expect(storedLifetime(received)).not.toHaveProperty('obtainedSkewMs');
    expect(asOfNow(received, clock, skewOf(-400_000))).toBe(received);
  });
});

describe('the life of a token from the store', () => {
  it('goes on from its receipt by the wall clock', () => {
    const clock = createVirtualClock();
    const lifetime = restoredLifetime(clock, {
      obtainedAtMs: clock.wallMs() - 20_000,
      expiresAtMs: clock.wallMs() + 40_000,
    });
    expect(lifetime).toMatchObject({
      obtainedAtMs: clock.monotonicMs() - 20_000,
      expiresAtMs: clock.monotonicMs() + 40_000,
    });
  });

  it('is unknown when the receipt lies ahead of the clock', () => {
    const clock = createVirtualClock();
    const hadIn = (ms: number) =>
      restoredLifetime(clock, { obtainedAtMs: clock.wallMs() + ms, expiresAtMs: clock.wallMs() + 60_000 });
    expect(hadIn(5000)).toBeDefined();
    expect(hadIn(5001)).toBeUndefined();
  });
});

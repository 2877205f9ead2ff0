import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asOfNow, defaultLifeMs, lifetimeFrom, restoredLifetime } from '../../src/auth/lifetime.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-system.ts';

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

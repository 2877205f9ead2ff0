import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DateSighting } from '../../src/net/date-watch.ts';
import { createDateClock } from '../../src/skew/date-clock.ts';

/** A server whose clock shows `theirsAtZeroMs` when our monotonic clock shows 0. */
function sight(theirsAtZeroMs: number, sentMs: number, outMs: number, backMs: number, staleMs = 0): DateSighting {
  const madeMs = theirsAtZeroMs + sentMs + outMs - staleMs;
  return { dateMs: Math.floor(madeMs / 1000) * 1000, sentMs, receivedMs: sentMs + outMs + backMs };
}

const epochMs = Date.UTC(2026, 0, 1);

describe('a date clock', () => {
  it('knows from one header the second that it names, a second for a text made ahead, and the round trip', () => {
    const clock = createDateClock({ dateMs: 1_000, sentMs: 5_000, receivedMs: 5_200 });

    expect(clock.bounds()).toEqual({ lowMs: 2_000, highMs: 4_200 });
  });

  it('always holds the true difference, for any clock, latency, asymmetry and staleness, and with drift', () => {
    const exchange = fc.record({
      pauseMs: fc.integer({ min: 0, max: 600_000 }),
      outMs: fc.double({ min: 0, max: 3_000, noNaN: true }),
      backMs: fc.double({ min: 0, max: 3_000, noNaN: true }),
      staleMs: fc.integer({ min: 0, max: 1_000 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.double({ min: -90e-6, max: 90e-6, noNaN: true }),
        fc.array(exchange, { minLength: 1, maxLength: 60 }),
        (skewMs, driftRate, exchanges) => {
          // The server's clock gains or loses `driftRate` against ours.
          const theirs = (oursMs: number) => epochMs - skewMs + oursMs * (1 + driftRate);
          let nowMs = 0;
          const sightings = exchanges.map(({ pauseMs, outMs, backMs, staleMs }) => {
            const sentMs = nowMs + pauseMs;
            const dateMs = Math.floor((theirs(sentMs + outMs) - staleMs) / 1000) * 1000;
            nowMs = sentMs + outMs + backMs;
            return { dateMs, sentMs, receivedMs: nowMs };
          });
          const [first, ...rest] = sightings as [DateSighting, ...DateSighting[]];
          const clock = createDateClock(first);
          for (const sighting of rest) clock.saw(sighting);

          const { lowMs, highMs } = clock.bounds();
          const trueMs = nowMs - theirs(nowMs);
          expect(clock.standing()).not.toBe('contradictory');
          expect(trueMs).toBeGreaterThanOrEqual(lowMs - 1);
          expect(trueMs).toBeLessThanOrEqual(highMs + 1);
        },
      ),
    );
  });

  it('narrows to plus or minus half a second and a little, whatever the skew, when requests fall anywhere in the second', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.integer({ min: 5, max: 300 }),
        fc.integer({ min: 1, max: 999 }),
        (skewMs, latencyMs, phaseMs) => {
          const clock = createDateClock(sight(epochMs - skewMs, 0, latencyMs, latencyMs));
          for (let count = 1; count <= 100; count++)
            clock.saw(sight(epochMs - skewMs, count * 10_000 + ((count * 317 + phaseMs) % 1000), latencyMs, latencyMs));

          const { lowMs, highMs } = clock.bounds();
          expect((highMs - lowMs) / 2).toBeLessThan(550 + latencyMs);
        },
      ),
    );
  });

  it('lets certainty go with age: a narrow bound does not last', () => {
    const clock = createDateClock(sight(epochMs, 0, 0, 0));
    const hourMs = 3_600_000;
    clock.saw(sight(epochMs, hourMs + 999, 5_000, 5_000));

    const { lowMs, highMs } = clock.bounds();
    expect(highMs - lowMs).toBeGreaterThan(2_000 + 2 * 0.36 * 1_000 - 1);
  });

  it('is steady once it has gone on by three seconds over five, and not by fewer or in less time', () => {
    const fast = createDateClock(sight(epochMs, 0, 10, 10));
    for (let sentMs = 100; sentMs < 5_000; sentMs += 100) {
      fast.saw(sight(epochMs, sentMs, 10, 10));
      expect(fast.standing()).toBe('new');
    }
    fast.saw(sight(epochMs, 5_000, 10, 10));
    expect(fast.standing()).toBe('steady');

    const slow = createDateClock(sight(epochMs, 0, 10, 10));
    slow.saw(sight(epochMs, 60_000, 10, 10));
    expect(slow.standing()).toBe('new');
    slow.saw(sight(epochMs, 120_000, 10, 10));
    expect(slow.standing()).toBe('steady');
  });

  it('begins anew with what contradicts it, and is steady again when that has gone on for a while', () => {
    const clock = createDateClock(sight(epochMs, 0, 10, 10));
    for (const sentMs of [30_000, 60_000]) clock.saw(sight(epochMs, sentMs, 10, 10));
    expect(clock.standing()).toBe('steady');

    clock.saw(sight(epochMs + 60_000, 90_000, 10, 10));
    expect(clock.standing()).toBe('contradictory');
    expect(clock.bounds().highMs).toBeLessThan(-epochMs - 59_000);
    for (const sentMs of [91_000, 92_000, 94_900]) {
      clock.saw(sight(epochMs + 60_000, sentMs, 10, 10));
      expect(clock.standing()).toBe('contradictory');
    }
    clock.saw(sight(epochMs + 60_000, 95_000, 10, 10));
    expect(clock.standing()).toBe('steady');
  });

  it('is never steady while two clocks answer in turn behind one name', () => {
    const clock = createDateClock(sight(epochMs, 0, 10, 10));
    for (let count = 1; count < 20; count++) {
      clock.saw(sight(epochMs + (count % 2) * 60_000, count * 30_000, 10, 10));
      expect(clock.standing()).toBe('contradictory');
    }
  });

  it('is never steady while its header stands still, or goes on by leaps, however often it is asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 5_000 }),
        fc.integer({ min: 5, max: 500 }),
        fc.constantFrom(10_000, 60_000, 3_600_000),
        (everyMs, latencyMs, keptMs) => {
          const kept = (sentMs: number) => sight(epochMs, sentMs, latencyMs, latencyMs, (sentMs + latencyMs) % keptMs);
          const clock = createDateClock(kept(0));
          for (let count = 1; count <= 400; count++) {
            clock.saw(kept(count * everyMs));
            expect(clock.standing()).not.toBe('steady');
          }
        },
      ),
    );
  });

  it('loses a clock that was steady when its header stands still', () => {
    const clock = createDateClock(sight(epochMs, 0, 10, 10));
    for (const sentMs of [3_000, 6_000]) clock.saw(sight(epochMs, sentMs, 10, 10));
    expect(clock.standing()).toBe('steady');
    for (let sentMs = 9_000; sentMs < 60_000; sentMs += 3_000)
      clock.saw({ ...sight(epochMs, 6_000, 10, 10), sentMs, receivedMs: sentMs + 20 });
    expect(clock.standing()).toBe('contradictory');
  });

  it('takes headers that come out of their order', () => {
    const clock = createDateClock(sight(epochMs, 10_400, 10, 10));
    clock.saw(sight(epochMs, 9_990, 10, 300));

    expect(clock.lastMs()).toBe(10_420);
    expect(clock.standing()).toBe('new');
    const { lowMs, highMs } = clock.bounds();
    expect(lowMs).toBeLessThanOrEqual(-epochMs);
    expect(highMs).toBeGreaterThanOrEqual(-epochMs);
  });
});

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
          expect(clock.isSteady()).toBe(true);
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

  it('begins anew with what contradicts it, and is steady again when three headers agree', () => {
    const clock = createDateClock(sight(epochMs, 0, 10, 10));
    clock.saw(sight(epochMs, 30_000, 10, 10));
    expect(clock.isSteady()).toBe(true);

    clock.saw(sight(epochMs + 60_000, 60_000, 10, 10));
    expect(clock.isSteady()).toBe(false);
    expect(clock.bounds().highMs).toBeLessThan(-epochMs - 59_000);
    clock.saw(sight(epochMs + 60_000, 90_000, 10, 10));
    expect(clock.isSteady()).toBe(false);
    clock.saw(sight(epochMs + 60_000, 120_000, 10, 10));
    expect(clock.isSteady()).toBe(true);
  });

  it('is never steady while two clocks answer in turn behind one name', () => {
    const clock = createDateClock(sight(epochMs, 0, 10, 10));
    for (let count = 1; count < 20; count++) {
      clock.saw(sight(epochMs + (count % 2) * 60_000, count * 30_000, 10, 10));
      expect(clock.isSteady()).toBe(false);
    }
  });

  it('takes headers that come out of their order', () => {
    const clock = createDateClock(sight(epochMs, 10_400, 10, 10));
    clock.saw(sight(epochMs, 9_990, 10, 300));

    expect(clock.lastMs()).toBe(10_420);
    expect(clock.isSteady()).toBe(true);
    const { lowMs, highMs } = clock.bounds();
    expect(lowMs).toBeLessThanOrEqual(-epochMs);
    expect(highMs).toBeGreaterThanOrEqual(-epochMs);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClock } from '../../src/system/clock.ts';
import { createWallAhead } from '../../src/system/wall-ahead.ts';
import { createVirtualClock } from '../support/virtual-system.ts';

const epochMs = Date.UTC(2026, 0, 1);

/** What a wall clock of today cannot tell apart, as a number of this size. */
const digitMs = 0.001;

/** A pair of clocks of which each reading takes a while, as `takesMs` says in turn. */
function createRunningClocks(aheadMs: number, takesMs: readonly number[] = [0.0002]) {
  let [nowMs, readings, steppedMs] = [0, 0, 0];
  const goOn = () => {
    nowMs += takesMs[readings % takesMs.length] ?? 0;
    readings += 1;
  };
  return {
    clock: {
      ...createVirtualClock(),
      monotonicMs() {
        goOn();
        return nowMs;
      },
      wallMs() {
        goOn();
        return Math.floor(nowMs + aheadMs + steppedMs);
      },
    },
    aheadMs: () => aheadMs + steppedMs,
    step(ms: number) {
      steppedMs += ms;
    },
    readings: () => readings,
  };
}

const anyAheadMs = fc.double({ min: 0, max: 1, noNaN: true }).map((fraction) => epochMs + fraction);

describe('how far wall time is ahead of monotonic time', () => {
  it('is told to some microseconds, though the wall clock shows whole milliseconds', () => {
    fc.assert(
      fc.property(anyAheadMs, (aheadMs) => {
        const wallAheadMs = createWallAhead(createRunningClocks(aheadMs).clock);
        const missesMs = aheadMs - wallAheadMs();
        expect(missesMs).toBeGreaterThan(-digitMs);
        expect(missesMs).toBeLessThan(0.01 + digitMs);
      }),
    );
  });

  it('is never told too high, and at worst a millisecond too low, when readings are held up', () => {
    const heldUpMs = fc.array(fc.oneof(fc.constant(0.0002), fc.double({ min: 0.0002, max: 20, noNaN: true })), {
      minLength: 1,
      maxLength: 50,
    });
    fc.assert(
      fc.property(anyAheadMs, heldUpMs, (aheadMs, takesMs) => {
        const wallAheadMs = createWallAhead(createRunningClocks(aheadMs, takesMs).clock);
        // Not even two readings that follow each other are sure not to be held up.
        const [missesMs, latestMs] = [aheadMs - wallAheadMs(), Math.max(...takesMs)];
        expect(missesMs).toBeGreaterThan(-digitMs);
        expect(missesMs).toBeLessThan(1 + latestMs);
      }),
    );
  });

  it('follows a step of the wall clock of more than a millisecond at once', () => {
    const stepMs = fc.double({ min: 1.1, max: 1e9, noNaN: true }).chain((size) => fc.constantFrom(size, -size));
    fc.assert(
      fc.property(anyAheadMs, fc.array(stepMs, { maxLength: 5 }), (aheadMs, steps) => {
        const clocks = createRunningClocks(aheadMs);
        const wallAheadMs = createWallAhead(clocks.clock);
        for (const ms of steps) {
          wallAheadMs();
          clocks.step(ms);
          expect(Math.abs(clocks.aheadMs() - wallAheadMs())).toBeLessThan(0.01 + 2 * digitMs);
        }
      }),
    );
  });

  it('is found though the wall clock is set while its tick is searched for', () => {
    const clocks = createRunningClocks(epochMs + 0.5);
    const wallAheadMs = createWallAhead({
      ...clocks.clock,
      wallMs() {
        if (clocks.readings() === 1000) clocks.step(-3000);
        return clocks.clock.wallMs();
      },
    });
    expect(clocks.aheadMs() - 3000 - wallAheadMs()).toBeCloseTo(0, 1);
    expect(clocks.aheadMs()).toBe(epochMs + 0.5 - 3000);
  });

  it('takes a search once, and three readings from then on', () => {
    const clocks = createRunningClocks(epochMs + 0.5);
    const wallAheadMs = createWallAhead(clocks.clock);
    wallAheadMs();
    const before = clocks.readings();
    wallAheadMs();
    expect(clocks.readings() - before).toBe(3);
  });

  it('is as the wall clock says where time stands still', () => {
    const clock = createVirtualClock(epochMs);
    const wallAheadMs = createWallAhead(clock);
    expect(wallAheadMs()).toBe(epochMs);
    clock.stepWall(-4711);
    expect(wallAheadMs()).toBe(epochMs - 4711);
  });

  it("agrees with this host's own clock", () => {
    const clock = createClock();
    const [wallAheadMs, other] = [createWallAhead(clock), createWallAhead(clock)];
    expect(Math.abs(wallAheadMs() - other())).toBeLessThan(1);
    expect(Math.abs(clock.wallMs() - clock.monotonicMs() - wallAheadMs())).toBeLessThan(60_000);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLater, ntpTimestampMs } from '../../src/skew/ntp-timestamp.ts';
import { toNtpTimestamp } from './ntp-reply.ts';

const rollOverMs = Date.UTC(2036, 1, 7, 6, 28, 16);

describe('an NTP timestamp', () => {
  it('begins in 1900 and again at the roll-over of 2036', () => {
    expect(ntpTimestampMs(0n, Date.UTC(1900, 0, 1))).toBe(Date.UTC(1900, 0, 1));
    expect(ntpTimestampMs(0n, Date.UTC(2026, 0, 1))).toBe(rollOverMs);
    expect(ntpTimestampMs(0n, rollOverMs)).toBe(rollOverMs);
  });

  it('of the moment before the roll-over is told from one of the moment after, whichever of them our clock shows', () => {
    for (const ourMs of [rollOverMs - 1, rollOverMs + 1]) {
      expect(ntpTimestampMs(2n ** 64n - 1n, ourMs)).toBeCloseTo(rollOverMs, 3);
      expect(ntpTimestampMs(2n ** 32n, ourMs)).toBe(rollOverMs + 1000);
    }
  });

  it('is read right with our clock up to 68 years off, in every era from 1900 to 2900', () => {
    const anyTimeMs = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2900, 0, 1) });
    const halfEraMs = 2 ** 31 * 1000 - 1000;
    const anyErrorMs = fc.integer({ min: -halfEraMs, max: halfEraMs });
    fc.assert(
      fc.property(anyTimeMs, anyErrorMs, (trueMs, errorMs) => {
        expect(Math.abs(ntpTimestampMs(toNtpTimestamp(trueMs), trueMs + errorMs) - trueMs)).toBeLessThan(0.01);
      }),
    );
  });

  it('is later than another one across the roll-over too', () => {
    const before = toNtpTimestamp(rollOverMs - 1000);
    const after = toNtpTimestamp(rollOverMs + 1000);
    expect([isLater(after, before), isLater(before, after), isLater(after, after)]).toEqual([true, false, false]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationPattern, parseDuration } from '../../src/model/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['1.5s', 1500],
    ['1.001s', 1001],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
    ['0s', 0],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '5', 's', '-1s', '5 s', '5S', '1h30m', '1e3s', '.5s', '9999999999s', '١s'])('refuses "%s"', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('takes exactly what its pattern, which editors see, allows', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(durationPattern)), (text) => {
        expect(parseDuration(text) !== undefined).toBe(durationPattern.test(text));
      }),
    );
  });
});

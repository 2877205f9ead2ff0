import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Aim } from './bench-figure.ts';
import { judged, median, shownNumber, shownSpread, shownVerdict, spread } from './figures.ts';

const values = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 });

describe('median', () => {
  it('is the middle value, whatever their order', () => {
    expect(median([5, 1, 30])).toBe(5);
  });

  it('is halfway between two middle values', () => {
    expect(median([4, 1, 2, 30])).toBe(3);
  });

  it('has as many values below as above', () => {
    fc.assert(
      fc.property(values, (all) => {
        const middle = median(all);
        const below = all.filter((value) => value < middle).length;
        const above = all.filter((value) => value > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(all.length / 2);
      }),
    );
  });

  it('leaves the values in their order', () => {
    const all = [3, 1, 2];
    median(all);
    expect(all).toEqual([3, 1, 2]);
  });

  it('is no number where nothing was measured', () => {
    expect(median([])).toBeNaN();
  });
});

describe('what is shown', () => {
  it.each([
    [0, '0'],
    [0.041234, '0.0412'],
    [158.4, '158'],
    [12_345, '12,300'],
    [Number.NaN, 'none'],
  ])('%d has three digits that count: %s', (value, shown) => {
    expect(shownNumber(value)).toBe(shown);
  });

  it('is the least and the greatest round, if there are several', () => {
    expect(spread([3, 1, 2])).toEqual([1, 3]);
    expect(shownSpread([3, 1, 2])).toBe('1 to 3');
    expect(shownSpread([3])).toBe('');
  });
});

const halfOfOther: Aim = {
  text: 'at most half',
  isMet: ({ sonde, other }) => (sonde === undefined || other === undefined ? undefined : sonde <= other / 2),
};

describe('an aim', () => {
  const sonde = { name: 'sonde', rounds: [9, 1, 2] };
  const what = { what: 'a figure', unit: 'ms' };

  it.each([
    [{ name: 'other', rounds: [4] }, true, 'met'],
    [{ name: 'other', rounds: [3, 3] }, false, 'not met'],
    [{ name: 'other', missing: 'it is not installed' }, null, 'not measured'],
  ])('is judged by the medians of the sides: %j', (other, isMet, shown) => {
    const figure = judged({ ...what, sides: [sonde, other], aim: halfOfOther });
    expect(figure.aim).toEqual({ text: 'at most half', isMet });
    expect(shownVerdict(figure)).toBe(shown);
  });

  it('is not made up where there is none', () => {
    const figure = judged({ ...what, sides: [sonde] });
    expect(figure).not.toHaveProperty('aim');
    expect(shownVerdict(figure)).toBe('');
  });
});

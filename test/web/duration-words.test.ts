import { describe, expect, it } from 'vitest';
import { durationWords } from '../../src/web/duration-words.ts';

describe('durationWords', () => {
  it.each([
    [-5, '0 s'],
    [999, '0 s'],
    [12_300, '12 s'],
    [60_000, '1 min'],
    [200_000, '3 min 20 s'],
    [3_600_000, '1 h'],
    [3_599_999, '59 min 59 s'],
    [7_500_000, '2 h 5 min'],
    [86_400_000 * 2 + 3_600_000 * 4 + 59_000, '2 d 4 h'],
    [86_400_000 * 400 + 60_000, '400 d'],
  ])('says %d ms as %s', (ms, words) => {
    expect(durationWords(ms)).toBe(words);
  });
});

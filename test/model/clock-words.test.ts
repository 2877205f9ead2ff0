import { describe, expect, it } from 'vitest';
import { aheadText, clockSentence, gapText } from '../../src/model/clock-words.ts';
import { sampleClock } from '../support/sample-clock.ts';

describe('words on clocks', () => {
  it.each([
    [0, '0 ms'],
    [0.44, '0.4 ms'],
    [-9.96, '10 ms'],
    [12.4, '12 ms'],
    [999.6, '1.0 s'],
    [400_060, '400.1 s'],
    [7_200_000, '2.0 h'],
    [-365 * 86_400_000, '365.0 d'],
  ])('write %d ms as %s', (ms, text) => {
    expect(gapText(ms)).toBe(text);
  });

  it('say which way a clock is off', () => {
    expect(aheadText(1_500)).toBe('1.5 s ahead');
    expect(aheadText(-1_500)).toBe('1.5 s behind');
  });

  it('put the verdict into a sentence', () => {
    expect(clockSentence(sampleClock)).toBe(
      "This host's clock is 400.0 s ahead of true time, give or take 8 ms; 2 of 4 time servers agree.",
    );
    expect(clockSentence({ ...sampleClock, state: 'ok', skewMs: -3 })).toBe(
      "This host's clock is within the tolerance of 1.0 s: it is 3 ms behind true time, give or take 8 ms; 2 of 4 time servers agree.",
    );
    const { skewMs: _, uncertaintyMs: __, ...unmeasured } = sampleClock;
    expect(clockSentence({ ...unmeasured, state: 'unknown', reason: 'the time servers disagree' })).toBe(
      "How far this host's clock is off is not known: the time servers disagree.",
    );
  });
});

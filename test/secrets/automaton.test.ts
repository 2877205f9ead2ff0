import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAutomaton } from '../../src/secrets/automaton.ts';

/** The same by looking for each word at each place. */
function coveredByHand(words: readonly string[], text: string): string {
  const covered = Array.from(text, () => false);
  for (const word of words)
    for (let index = 0; index + word.length <= text.length; index++)
      if (text.startsWith(word, index)) covered.fill(true, index, index + word.length);
  return covered.map((hit) => (hit ? 'x' : '.')).join('');
}

function covered(words: readonly string[], text: string): string {
  let shown = '';
  for (const { start, end } of createAutomaton(words).coveredSpans(text))
    shown = shown.padEnd(start, '.').padEnd(end, 'x');
  return shown.padEnd(text.length, '.');
}

describe('createAutomaton', () => {
  it('covers what looking for each word at each place covers', () => {
    const unit = fc.constantFrom('a', 'b', 'c');
    const word = fc.string({ unit, minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), fc.string({ unit, maxLength: 40 }), (words, text) => {
        expect(covered(words, text)).toBe(coveredByHand(words, text));
      }),
      { numRuns: 1000 },
    );
  });

  it('tells words that touch apart, and joins those that overlap', () => {
    expect(createAutomaton(['ab']).coveredSpans('abab')).toEqual([
      { start: 0, end: 2 },
      { start: 2, end: 4 },
    ]);
    expect(createAutomaton(['aba']).coveredSpans('ababa')).toEqual([{ start: 0, end: 5 }]);
  });
});

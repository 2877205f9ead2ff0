import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseReferences } from '../../src/secrets/reference.ts';

const opening = '${';

describe('parseReferences', () => {
  it('takes a text apart', () => {
    expect(parseReferences(`a${opening}env:X}b${opening}file:/p:q}`)).toEqual({
      pieces: [
        'a',
        { scheme: 'env', name: 'X', text: `${opening}env:X}` },
        'b',
        { scheme: 'file', name: '/p:q', text: `${opening}file:/p:q}` },
      ],
    });
  });

  it('reads $${ as the characters themselves', () => {
    expect(parseReferences(`$${opening}env:X} and $$`).pieces.join('')).toBe(`${opening}env:X} and $$`);
  });

  it('shortens what it shows of a text that is wrong', () => {
    expect(parseReferences(`${opening}${'x'.repeat(100)}`).problem).toMatch(/^"\$\{x{58}…" is not closed/);
  });

  it('leaves a text without references as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes(opening));
        expect(parseReferences(text).pieces.join('')).toBe(text);
      }),
    );
  });

  it('finds each reference that was written, between any texts', () => {
    const name = fc.stringMatching(/^[A-Z]{1,5}$/);
    const plain = fc.string().filter((text) => !text.includes('$'));
    fc.assert(
      fc.property(fc.array(fc.tuple(plain, name)), (parts) => {
        const text = parts.map(([before, inner]) => `${before}${opening}env:${inner}}`).join('');
        const names = parseReferences(text).pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.name]));
        expect(names).toEqual(parts.map(([, inner]) => inner));
      }),
    );
  });
});

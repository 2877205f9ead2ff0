import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewsOf } from '../../src/model/text-views.ts';

const texts = (text: string) => viewsOf(text).map((view) => view.text);

describe('viewsOf', () => {
  it('is the text alone where nothing is escaped', () => {
    expect(texts('100% of a plain text & more')).toEqual(['100% of a plain text & more']);
    expect(texts('')).toEqual(['']);
  });

  it.each([
    ['an address', 'p%C3%A4ss%2fw%E2%82%AC%F0%9F%94%91', 'päss/w€🔑'],
    ['JSON', String.raw`p\u00e4ss\/\"\\\b\f\n\r\t`, 'päss/"\\\b\f\n\r\t'],
    ['HTML', '&lt;&#112;&#xE4;ss&gt;&amp;&quot;&apos;', '<päss>&"\''],
    ['an address in JSON', String.raw`\u0025C3%A4`, 'ä'],
    ['JSON in JSON', String.raw`\\u00e4`, 'ä'],
    ['an address in an address', '%25C3%25a4', 'ä'],
  ])('takes back the escapes of %s', (_, written, read) => {
    expect(texts(written)).toContain(read);
  });

  it('leaves alone what only looks like an escape', () => {
    const written = String.raw`%zz %C3 %A4 \x \u12 &; &#; &nbsp;`;
    expect(texts(written)).toEqual([written]);
  });

  it('does not break at a number that no character has', () => {
    expect(texts('&#9999999;')).toContain('\u{10ffff}');
  });

  it('knows of each character where it was written', () => {
    const plain = fc.constantFrom('a', 'ä', '€', '🔑', ' ');
    const ways: ((character: string) => string)[] = [
      (character) => character,
      encodeURIComponent,
      (character) => character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
      (character) => `&#${character.codePointAt(0)};`,
    ];
    fc.assert(
      fc.property(fc.array(plain, { minLength: 1 }), fc.constantFrom(...ways), (characters, write) => {
        const pieces = characters.map(write);
        const view = viewsOf(pieces.join('')).find(({ text }) => text === characters.join(''));
        let [here, there] = [0, 0];
        for (const [index, character] of characters.entries()) {
          expect(view?.toSource(here)).toBe(there);
          here += character.length;
          there += (pieces[index] as string).length;
        }
        expect(view?.toSource(here)).toBe(there);
      }),
    );
  });
});

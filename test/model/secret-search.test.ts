import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretSearch } from '../../src/model/secret-search.ts';

function searchFor(...values: string[]) {
  const search = createSecretSearch();
  for (const value of values) search.add(value);
  return search;
}

/** The same by looking for each value at each place. */
function concealedByHand(values: readonly string[], text: string): string {
  const covered = Array.from(text, () => 0);
  const spans = values.flatMap((value) =>
    [...covered.keys()].filter((index) => text.startsWith(value, index)).map((start) => [start, start + value.length]),
  );
  for (const [start = 0, end = 0] of spans) for (let index = start; index < end; index++) covered[index] = 1;
  let shown = '';
  for (let index = 0; index < text.length; index++) {
    if (!covered[index]) shown += text[index];
    const isWithin = spans.some(([start = 0, end = 0]) => start < index && index < end);
    if (covered[index] && !isWithin) shown += '[secret]';
  }
  return shown;
}

const value = 'pä ss/w+rd?"x\n&<%41>🔑';

describe('a search for secrets', () => {
  it('finds what looking for each value at each place finds', () => {
    const unit = fc.constantFrom('a', 'b');
    const values = fc.array(fc.string({ unit, minLength: 6, maxLength: 9 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(values, fc.string({ unit, maxLength: 60 }), (all, text) => {
        expect(searchFor(...all).conceal(text)).toBe(concealedByHand(all, text));
      }),
      { numRuns: 1000 },
    );
  });

  it.each<[string, (text: string) => string]>([
    ['in HTML', (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&#34;')],
    [
      'in JSON, each character by its number',
      (text) => text.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ],
    ['in an address, only where it has to be', (text) => encodeURI(text)],
    ['in an address in JSON', (text) => JSON.stringify(encodeURIComponent(text)).replaceAll('%', '\\u0025')],
    ['twice in an address', (text) => encodeURIComponent(encodeURIComponent(text))],
    ['twice in JSON', (text) => JSON.stringify(JSON.stringify(text))],
    ['in hexadecimal', (text) => Buffer.from(text).toString('hex')],
    ['in capital hexadecimal', (text) => Buffer.from(text).toString('hex').toUpperCase()],
    ['in base64 in an address', (text) => encodeURIComponent(Buffer.from(text).toString('base64'))],
    ['in base64 in JSON', (text) => Buffer.from(text).toString('base64').replaceAll('/', '\\/')],
  ])('hides one that is written %s', (_, write) => {
    const shown = searchFor(value).conceal(`before ${write(value)} after`);
    expect(shown).toMatch(/^before [\\"]*\[secret\]\S{0,8} after$/);
  });

  it('leaves the escapes around a secret as they are', () => {
    expect(searchFor('a&b=c/d').conceal('?x=%20&y=a%26b%3Dc%2Fd&z=%20')).toBe('?x=%20&y=[secret]&z=%20');
  });

  it('finds no value that was removed, and all that remain', () => {
    const search = searchFor('one secret', 'one+secret', 'one secret');
    search.remove('one secret');
    search.remove('never added');
    expect(search.conceal('one secret, one+secret')).toBe('one secret, [secret]');
    search.remove('one+secret');
    expect(search.conceal('one secret, one+secret')).toBe('one secret, one+secret');
  });

  it('never finds one of under six characters', () => {
    expect(searchFor('short').conceal('short, c2hvcnQ=')).toBe('short, c2hvcnQ=');
  });

  it('ends in the time of a test where a text is all escapes and secrets, and where many secrets begin alike', () => {
    const tokens = Array.from({ length: 500 }, (_, index) => `eyJhbGciOiJSUzI1NiJ9.${`${index}`.padStart(900, 'x')}`);
    const search = searchFor(...tokens, 'abcdefgh');
    expect(search.conceal('%61bcdefgh'.repeat(20_000))).toBe('[secret]'.repeat(20_000));
    expect(search.conceal('eyJhbGciOiJSUzI1NiJ9.'.repeat(10_000))).not.toContain('[secret]');
  });
});

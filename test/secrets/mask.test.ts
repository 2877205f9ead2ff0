import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import { createMasker } from '../../src/secrets/mask.ts';

const value = 'pä ss/w+rd?"x\n';

function maskerOf(...values: string[]) {
  const masker = createMasker();
  for (const each of values) masker.add(new Secret(each));
  return masker;
}

describe('createMasker', () => {
  it.each([
    ['raw', value],
    ['URL-encoded', encodeURIComponent(value)],
    ['URL-encoded in lower case', encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase())],
    ['form-encoded', new URLSearchParams({ a: value }).toString().slice(2)],
    ['within JSON', JSON.stringify(value).slice(1, -1)],
    ['within JSON with escaped slashes', JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/')],
  ])('hides a value that is %s', (_, written) => {
    expect(maskerOf(value).mask(`before ${written} after`)).toBe('before [secret] after');
  });

  it.each(['', 'x', 'xy', 'client-id:', 'client:'])('hides a value in base64 after %j', (before) => {
    const encoded = Buffer.from(`${before}s3cr3t-valué-0123`).toString('base64');
    const masked = maskerOf('s3cr3t-valué-0123').mask(`Basic ${encoded}`);
    expect(masked).toMatch(/^Basic .{0,16}\[secret\].{0,3}$/);
  });

  it('hides a value in base64url, and one that was form-encoded before', () => {
    expect(maskerOf('>>>???>>>???').mask(Buffer.from('>>>???>>>???').toString('base64url'))).toBe('[secret]');
    expect(maskerOf('a secret value').mask(btoa('id:a+secret+value'))).toMatch(/^.{0,5}\[secret\].{0,3}$/);
  });

  it('replaces values that overlap, repeat or hold each other by one mark each', () => {
    expect(maskerOf('abcdef', 'defghi').mask('-abcdefghi-')).toBe('-[secret]-');
    expect(maskerOf('abcdef', 'xxabcdefxx').mask('xxabcdefxx abcdef')).toBe('[secret] [secret]');
    expect(maskerOf('abcabc').mask('abcabcabc')).toBe('[secret]');
    expect(maskerOf('abcdef').mask('abcdefabcdef')).toBe('[secret][secret]');
    expect(maskerOf('zabcdefg', 'abcdef').mask('zabcdefX')).toBe('z[secret]X');
  });

  it('leaves values under six characters and other text alone', () => {
    expect(maskerOf('short').mask('a short text')).toBe('a short text');
    expect(maskerOf('longer').mask('long erlong')).toBe('long erlong');
    expect(createMasker().mask('text')).toBe('text');
  });

  it('forgets a value once it was removed as often as it was added', () => {
    const masker = maskerOf('secret-1', 'secret-1');
    masker.remove(new Secret('secret-1'));
    masker.remove(new Secret('never-added'));
    expect(masker.mask('secret-1')).toBe('[secret]');
    masker.remove(new Secret('secret-1'));
    expect(masker.mask('secret-1')).toBe('secret-1');
  });

  it('lets no known value through, wherever it stands', () => {
    const text = fc.string({ minLength: 6, maxLength: 12, unit: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 5 }),
        fc.array(fc.string()),
        fc.nat(),
        (secrets, parts, seed) => {
          const written = parts.flatMap((part, index) => [part, secrets[(seed + index) % secrets.length]]).join('');
          const masked = maskerOf(...secrets).mask(written);
          for (const secret of secrets) expect(masked).not.toContain(secret);
        },
      ),
    );
  });

  it('hides a value with a lone surrogate, which no encoding can carry', () => {
    expect(maskerOf('abc\ud800def').mask('-abc\ud800def-')).toBe('-[secret]-');
  });
});

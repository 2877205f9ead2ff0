import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyExcerpt, createConceal, excerpt, formEncode } from '../../../src/auth/issuer/excerpt.ts';
import { Secret } from '../../../src/model/secret.ts';

const plainly = (text: string) => text;

describe('an excerpt', () => {
  it('is one line without control characters', () => {
    expect(excerpt('a\r\n\tb\u0000\u001b[31m c', 100, plainly)).toBe('a b [31m c');
  });

  it('is cut', () => {
    expect(excerpt('x'.repeat(50), 10, plainly)).toBe(`${'x'.repeat(10)}…`);
  });

  it('is cut only after all secrets are out of the whole text', () => {
    const mask = (text: string) => text.replaceAll('known-elsewhere', '[secret]');
    const conceal = createConceal(mask, [new Secret('our-own-secret')]);
    expect(excerpt(`${'x'.repeat(8)}our-own-secret`, 10, conceal)).toBe('xxxxxxxx[s…');
    expect(excerpt(`${'x'.repeat(8)}known-elsewhere`, 10, conceal)).toBe('xxxxxxxx[s…');
  });

  it('is nothing when there is nothing to show', () => {
    expect(excerpt(' \n', 10, plainly)).toBeUndefined();
  });

  it('never shows a secret, also where a form has encoded it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), fc.string(), (secret, around) => {
        const text = `${around}${secret}${around}${formEncode(secret)}`;
        expect(excerpt(text, 1000, createConceal(plainly, [new Secret(secret)])) ?? '').not.toContain(secret);
      }),
    );
  });

  it('is not thrown off by an empty secret', () => {
    expect(excerpt('abc', 10, createConceal(plainly, [new Secret('')]))).toBe('abc');
  });

  it('of a body is withheld when the body may hold a token', () => {
    expect(bodyExcerpt(400, '{"message":"no"}', plainly)).toBe('{"message":"no"}');
    expect(bodyExcerpt(400, '{"access_token":"abc', plainly)).toBeUndefined();
    expect(bodyExcerpt(400, 'access_token=abc&scope=', plainly)).toBeUndefined();
  });

  it('of a body that tells of success is shown when it is a page, for it may hold a token by any name', () => {
    expect(bodyExcerpt(200, '\n<html>Sign in', plainly)).toBe('<html>Sign in');
    for (const body of ['{"token":"abc"}', '{"data":{"accessToken":"abc"}}', 'eyJhbGciOi', 'token=abc'])
      expect(bodyExcerpt(200, body, plainly)).toBeUndefined();
  });
});

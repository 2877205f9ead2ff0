import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyExcerpt, excerpt, formEncode } from '../../src/auth/excerpt.ts';
import { Secret } from '../../src/model/secret.ts';

describe('an excerpt', () => {
  it('is one line without control characters', () => {
    expect(excerpt('a\r\n\tb\u0000\u001b[31m c', 100, [])).toBe('a b [31m c');
  });

  it('is cut', () => {
    expect(excerpt('x'.repeat(50), 10, [])).toBe(`${'x'.repeat(10)}…`);
  });

  it('is nothing when there is nothing to show', () => {
    expect(excerpt(' \n', 10, [])).toBeUndefined();
  });

  it('never shows a secret, also where a form has encoded it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), fc.string(), (secret, around) => {
        const text = `${around}${secret}${around}${formEncode(secret)}`;
        expect(excerpt(text, 1000, [new Secret(secret)]) ?? '').not.toContain(secret);
      }),
    );
  });

  it('is not thrown off by an empty secret', () => {
    expect(excerpt('abc', 10, [new Secret('')])).toBe('abc');
  });

  it('of a body is withheld when the body may hold a token', () => {
    expect(bodyExcerpt('<html>Sign in', [])).toBe('<html>Sign in');
    expect(bodyExcerpt('{"access_token":"abc', [])).toBeUndefined();
    expect(bodyExcerpt('access_token=abc&scope=', [])).toBeUndefined();
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../src/diagnosis/challenge.ts';
import { anyText } from '../support/any-text.ts';

function plain(header: string) {
  return parseChallenges(header).map(({ scheme, parameters }) => ({ scheme, ...Object.fromEntries(parameters) }));
}

describe('parseChallenges', () => {
  it('reads the example of RFC 6750 section 3', () => {
    const header = 'Bearer realm="example", error="invalid_token", error_description="The access token expired"';
    expect(plain(header)).toEqual([
      { scheme: 'bearer', realm: 'example', error: 'invalid_token', error_description: 'The access token expired' },
    ]);
  });

  it('reads several challenges in one header, as in RFC 9110 section 11.6.1', () => {
    expect(plain('Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""')).toEqual([
      { scheme: 'basic', realm: 'simple' },
      { scheme: 'newauth', realm: 'apps', type: '1', title: 'Login to "apps"' },
    ]);
  });

  it.each([
    [
      'Negotiate YIIJ+a/b==, Bearer error=invalid_token',
      [{ scheme: 'negotiate' }, { scheme: 'bearer', error: 'invalid_token' }],
    ],
    ['Negotiate', [{ scheme: 'negotiate' }]],
    ['NTLM, Bearer', [{ scheme: 'ntlm' }, { scheme: 'bearer' }]],
    [' ,, Bearer scope = "a b" ,error="x",', [{ scheme: 'bearer', scope: 'a b', error: 'x' }]],
    [
      'DPoP algs="ES256 PS256", error="use_dpop_nonce"',
      [{ scheme: 'dpop', algs: 'ES256 PS256', error: 'use_dpop_nonce' }],
    ],
  ])('reads %s', (header, expected) => {
    expect(plain(header)).toEqual(expected);
  });

  it.each([
    [
      'commas that are missing',
      'Bearer realm="x" error="invalid_token"',
      [{ scheme: 'bearer', realm: 'x', error: 'invalid_token' }],
    ],
    ['a quote that does not end', 'Bearer error="invalid', [{ scheme: 'bearer', error: 'invalid' }]],
    ['a backslash at the end', 'Bearer error="a\\', [{ scheme: 'bearer', error: 'a\\' }]],
    [
      'stray words',
      'Bearer error_description=The token expired, error=invalid_token',
      [{ scheme: 'bearer', error_description: 'The', error: 'invalid_token' }],
    ],
    ['stray signs', 'Bearer (?) "loose" error=x', [{ scheme: 'bearer', error: 'x' }]],
    ['a value that is missing', 'Bearer realm="r", error=', [{ scheme: 'bearer', realm: 'r', error: '' }]],
    ['a parameter that comes twice', 'Bearer error=first, error=second', [{ scheme: 'bearer', error: 'first' }]],
    ['a parameter without a scheme', 'error="x"', []],
    ['nothing', '', []],
  ])('bears %s', (_, header, expected) => {
    expect(plain(header)).toEqual(expected);
  });

  it('takes a parameter named like a member of Object for what it is', () => {
    expect(parseChallenges('Bearer __proto__=x')[0]?.parameters.get('__proto__')).toBe('x');
  });

  it('gives back whatever parameters were written by the grammar', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
    const parameters = fc.uniqueArray(fc.tuple(name, fc.string()), { selector: ([key]) => key, minLength: 1 });
    const challenges = fc.array(fc.record({ scheme: name, parameters }));
    fc.assert(
      fc.property(challenges, (written) => {
        const header = written
          .map(({ scheme, parameters: pairs }) => {
            const text = pairs.map(([key, value]) => `${key}="${value.replace(/[\\"]/g, '\\$&')}"`).join(', ');
            return `${scheme} ${text}`;
          })
          .join(', ');
        const read = parseChallenges(header).map(({ scheme, parameters: map }) => ({ scheme, parameters: [...map] }));
        expect(read).toEqual(written);
      }),
    );
  });

  it('never throws, and makes nothing up', () => {
    const piece = fc.constantFrom('Bearer', ' ', ',', '=', '"', '\\', 'error', 'a/b+c==', '\t', '()', 'é', '\u0000');
    const header = fc.oneof(
      anyText(60),
      fc.array(piece, { maxLength: 60 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(header, (text) => {
        const known = text.toLowerCase();
        return parseChallenges(text).every(
          ({ scheme, parameters }) =>
            known.includes(scheme) &&
            [...parameters].every(([name, value]) => known.includes(name) && value.length < text.length),
        );
      }),
    );
  });

  it.each([
    ['blanks', `Bearer${' '.repeat(200_000)}x`],
    ['token68 signs', `Bearer ${'a='.repeat(100_000)}"`],
    ['equals signs', `Bearer ${'='.repeat(200_000)}"`],
    ['schemes', 'a ,'.repeat(70_000)],
    ['quotes', `Bearer ${'"'.repeat(200_001)}`],
    ['backslashes', `Bearer a="${'\\'.repeat(200_000)}`],
    ['blanks between words', `Bearer ${`a${' '.repeat(400)}`.repeat(500)}`],
  ])(
    'reads 200 kB of %s without going over it again and again',
    (_, header) => {
      expect(parseChallenges(header).length).toBeLessThanOrEqual(70_000);
    },
    60_000,
  );
});

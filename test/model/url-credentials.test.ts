import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { urlCredentials } from '../../src/model/url-credentials.ts';

describe('urlCredentials', () => {
  it('finds each password that URL.parse finds', () => {
    const part = fc.stringMatching(/^[a-z0-9@:.\\/?#& \t-]{0,12}$/);
    const start = fc.constantFrom('https://', 'https:', 'http:/', 'https:\\\\', ' HTTPS:///', 'ht\ntps://');
    fc.assert(
      fc.property(start, part, part, part, (scheme, user, password, rest) => {
        const text = `${scheme}${user}:${password}@${rest}`;
        const url = URL.parse(text);
        if (!url) return;
        const found = urlCredentials(text).find(({ kind }) => kind === 'password');
        expect(found?.text ?? '').toBe(decodeURIComponent(url.password));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['https://me@a.example/', []],
    ['https://sk_live_x:@a.example/', ['sk_live_x']],
    ['https://0123456789abcdefghij@a.example/', ['0123456789abcdefghij']],
    ['https://service-account-of-mine@a.example/', []],
    ['https://a.example/@b?x=1', []],
    ['https://a.example/?api%5Fkey=%20x#access_token=y', [' x']],
    ['https://u:%zz@a.example', ['%zz']],
    ['/relative', []],
  ])('of %s finds %j', (text, expected) => {
    expect(urlCredentials(text).map((each) => each.text)).toEqual(expected);
  });

  it('shows no other credential around one', () => {
    const around = urlCredentials('https://ghp_abc:x@a.example/?token=y&key=1').map((each) => each.around('*'));
    expect(around).toEqual(['https://*@a.example/?…', 'https://…:*@a.example/?…', 'https://…@a.example/?…token=*']);
  });
});

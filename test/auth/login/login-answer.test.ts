import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExpectedAnswer, readLoginAnswer, readPastedAnswer } from '../../../src/auth/login/login-answer.ts';

const read = (query: string, expected: Partial<ExpectedAnswer> = {}) =>
  readLoginAnswer(new URLSearchParams(query), { state: 'ours', ...expected });
const foreign = (words: RegExp) => ({ kind: 'foreign', problem: expect.stringMatching(words) });

describe('what the browser brings back', () => {
  it('is a code when it bears our state', () => {
    const answer = read('code=abc&state=ours');
    expect(answer.kind === 'code' && answer.code.reveal()).toBe('abc');
  });

  it.each([
    ['error=access_denied&state=ours', { kind: 'error', error: 'access_denied' }],
    [
      'error=access_denied&error_description=no&state=ours',
      { kind: 'error', error: 'access_denied', description: 'no' },
    ],
    ['error=server_error&code=abc&state=ours', { kind: 'error', error: 'server_error' }],
  ])('is an error by %s', (query, expected) => {
    expect(read(query)).toEqual(expected);
  });

  it.each([
    ['', /has no `state`/],
    ['code=abc', /has no `state`/],
    ['error=access_denied', /has no `state`/],
    ['code=abc&state=', /has no `state`/],
    ['code=abc&state=theirs', /belongs to another login/],
    ['error=access_denied&state=theirs', /belongs to another login/],
    ['code=abc&code=def&state=ours', /names `code` twice/],
    ['code=abc&state=ours&state=theirs', /names `state` twice/],
    ['state=ours', /neither a code nor an error/],
    ['code=&state=ours', /neither a code nor an error/],
  ])('is not for this attempt by %j', (query, words) => {
    expect(read(query)).toMatchObject(foreign(words));
  });

  it('keeps the code of another attempt, so that it can be looked up', () => {
    const answer = read('code=abc&state=theirs');
    expect(answer.kind === 'foreign' && answer.code?.reveal()).toBe('abc');
  });

  it('never takes a code for an attempt by any other state', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (code, state) => {
        fc.pre(state !== 'ours');
        const parameters = new URLSearchParams({ code, state });
        expect(readLoginAnswer(parameters, { state: 'ours' }).kind).toBe('foreign');
      }),
    );
  });
});

describe('the issuer that an answer names (RFC 9207)', () => {
  const code = 'code=abc&state=ours';
  const denial = 'error=access_denied&state=ours';
  const iss = 'https://a.example';
  const named = (issuer: string) => `&iss=${encodeURIComponent(issuer)}`;

  it.each([
    ['the promised one', code + named(iss), { iss }],
    ['none, where none is promised', code, { issuer: iss }],
    ['the configured one, promised by nobody', code + named(`${iss}/`), { issuer: iss }],
    ['any, where neither is known', code + named(iss), {}],
  ])('may be %s', (_, query, expected) => {
    expect(read(query, expected).kind).toBe('code');
  });

  it.each([
    ['another one', code + named('https://b.example'), { iss }, /comes from another issuer/],
    ['another one beside an error', denial + named('https://b.example'), { iss }, /comes from another issuer/],
    ['the promised one in other letters', code + named(`${iss}/`), { iss }, /comes from another issuer/],
    ['none, though one is promised', code, { iss }, /does not say which issuer/],
    ['another than the configured one', code + named('https://b.example'), { issuer: iss }, /another issuer/],
    ['no address at all', code + named('b'), { issuer: iss }, /another issuer/],
    ['two', code + named(iss) + named('https://b.example'), { iss }, /names `iss` twice/],
  ])('must not be %s', (_, query, expected, words) => {
    expect(read(query, expected)).toMatchObject(foreign(words));
  });
});

describe('what a person pastes', () => {
  it.each([
    'http://127.0.0.1:53001/callback?code=abc&state=ours',
    '  http://127.0.0.1:53001/callback?code=abc&state=ours \r',
    '"http://127.0.0.1:53001/callback?code=abc&state=ours"',
    'https://app.example/?code=abc&state=ours#',
    '?code=abc&state=ours',
    'code=abc&state=ours',
  ])('is read from %j', (pasted) => {
    expect(Object.fromEntries(readPastedAnswer(pasted) ?? [])).toEqual({ code: 'abc', state: 'ours' });
  });

  it.each(['', 'abc', 'http://127.0.0.1:53001/callback', 'https://a.example/auth?client_id=a', 'https://[?code'])(
    'holds no answer in %j',
    (pasted) => {
      expect(readPastedAnswer(pasted)).toBeUndefined();
    },
  );
});

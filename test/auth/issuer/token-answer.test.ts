import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTokenAnswer } from '../../../src/auth/issuer/token-answer.ts';

const good = { access_token: 'at', token_type: 'Bearer' };
const read = (members: object, status = 200) => readTokenAnswer(status, JSON.stringify(members), false);
const dayMs = 24 * 3_600_000;

describe('a granted token', () => {
  it('comes with its life, scopes and successor', () => {
    const answer = read({ ...good, expires_in: 60, scope: 'a b', refresh_token: 'next' });
    expect(answer.access).toMatchObject({ expiresInMs: 60_000, scopes: ['a', 'b'] });
    expect(answer.access?.value.reveal()).toBe('at');
    expect(answer.refreshToken?.reveal()).toBe('next');
    expect(answer).not.toHaveProperty('problem');
  });

  it('says nothing of what the issuer leaves out, or sets to null or to an empty text', () => {
    const answer = read({ ...good, expires_in: null, scope: null, refresh_token: '' });
    expect(Object.keys(answer)).toEqual(['access']);
    expect(Object.keys(answer.access ?? {})).toEqual(['value', 'type']);
  });

  it.each([
    ['a number in a string', '3600', 3_600_000],
    ['a fraction', 1.5, 1500],
    ['more than thirty days', 1e12, 30 * dayMs],
  ])('lives as long as %s says', (_what, expiresIn, expiresInMs) => {
    expect(read({ ...good, expires_in: expiresIn }).access?.expiresInMs).toBe(expiresInMs);
  });

  it('lives thirty days at the most, also when its life is too large for a number', () => {
    const answer = readTokenAnswer(200, '{"access_token":"at","token_type":"bearer","expires_in":1e999}', false);
    expect(answer.access?.expiresInMs).toBe(30 * dayMs);
  });

  it('is not told among its scopes', () => {
    const tokens = { access_token: 'access-1', refresh_token: 'refresh-1', id_token: 'id-number-1' };
    const answer = read({ ...good, ...tokens, scope: 'a access-1 refresh-1 for:id-number-1' });
    expect(answer.access?.scopes).toEqual(['a', '[secret]', '[secret]', 'for:[secret]']);
  });

  it('may name its scopes in a list', () => {
    expect(read({ ...good, scope: ['a', 1, 'b'] }).access?.scopes).toEqual(['a', 'b']);
  });
});

describe('a lying issuer', () => {
  it.each([
    ['no token', { token_type: 'Bearer' }, 'no access_token'],
    ['a token that is no text', { ...good, access_token: 7 }, 'no access_token'],
    ['a token that would break out of its header', { ...good, access_token: 'a\r\nb: c' }, 'no token may have'],
    ['no type', { access_token: 'at' }, 'no token_type'],
    ['a token by a name of its own', { token: 'at', expires: 60 }, 'no access_token, but token, expires'],
    ['nothing', {}, 'no access_token, but nothing'],
    ['another type', { ...good, token_type: 'DPoP' }, 'not bearer but "DPoP"'],
    [
      'a token in the place of its type',
      { access_token: 'the-token', token_type: 'the-token' },
      'not bearer but "[secret]"',
    ],
    ['a negative life', { ...good, expires_in: -1 }, 'expires_in'],
    ['no life at all', { ...good, expires_in: 0 }, 'expires_in'],
    ['a life in words', { ...good, expires_in: 'one hour' }, 'expires_in'],
    ['a life that is an object', { ...good, expires_in: {} }, 'expires_in'],
  ])('that grants %s is understood as one', (_what, members, words) => {
    const answer = read(members);
    expect(answer.problem).toContain(words);
    expect(answer).not.toHaveProperty('access');
  });

  it('still gets its successor kept, since the token before may be spent', () => {
    const answer = read({ ...good, expires_in: -1, refresh_token: 'next' });
    expect(answer.access).toBeUndefined();
    expect(answer.refreshToken?.reveal()).toBe('next');
  });

  it.each(['<!doctype html>', '', '[]', '"at"', 'null'])('that answers 200 with %j grants nothing', (body) => {
    expect(readTokenAnswer(200, body, false)).toEqual({ problem: 'the answer is not a JSON object' });
  });

  it('never makes the reader throw, nor a token live forever', () => {
    const members = fc.record({
      access_token: fc.anything(),
      token_type: fc.oneof(fc.constant('bearer'), fc.anything()),
      expires_in: fc.anything(),
      scope: fc.anything(),
      refresh_token: fc.anything(),
      error: fc.anything(),
    });
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.oneof(fc.json(), members.map(jsonOf)), (status, body) => {
        const { access } = readTokenAnswer(status, body, false);
        const lifeMs = access?.expiresInMs ?? 1;
        expect(lifeMs > 0 && lifeMs <= 30 * dayMs).toBe(true);
      }),
    );
  });
});

describe('a refusal', () => {
  it('names its error', () => {
    expect(read({ error: 'invalid_grant', error_description: 'gone' }, 400)).toEqual({
      error: 'invalid_grant',
      errorDescription: 'gone',
    });
  });

  it('is one with a status of 200 too', () => {
    expect(read({ error: 'invalid_client' })).toEqual({ error: 'invalid_client' });
  });

  it('is not what a gateway calls an error', () => {
    expect(read({ error: 'Not Found' }, 404)).toEqual({ problem: 'the answer holds no OAuth 2.0 error' });
  });

  it('is no redirect', () => {
    expect(readTokenAnswer(302, '', false).problem).toContain('redirect');
  });

  it.each([500, 503, 429])('by status %i is a failing issuer, and breaks no rule', (status) => {
    expect(readTokenAnswer(status, 'down', false)).toEqual({});
  });
});

/** Not all that can be thought of can be written as JSON. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '{}';
  }
}

import { describe, expect, it } from 'vitest';
import { timeClaims } from '../../../src/auth/source/time-claims.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (payload: unknown) => `${part({ alg: 'none' })}.${part(payload)}.`;

describe('the claims of time of an access token', () => {
  it('are read from a JWT', () => {
    expect(timeClaims(jwt({ iat: 1, nbf: 2, exp: 3, sub: 'x' }))).toEqual({ iat: 1, nbf: 2, exp: 3 });
  });

  it('leave out what is no number', () => {
    expect(timeClaims(jwt({ iat: '1', exp: 3 }))).toEqual({ exp: 3 });
  });

  it.each(['opaque', 'a.b', 'a.b.c', 'a.b.c.d', `a.${part([])}.c`, '..'])('are absent from %j', (token) => {
    expect(timeClaims(token)).toBeUndefined();
  });
});

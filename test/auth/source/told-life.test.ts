import { describe, expect, it } from 'vitest';
import { toldLifeMs } from '../../../src/auth/source/told-life.ts';
import { Secret } from '../../../src/model/secret.ts';

const jwt = (claims: object) =>
  new Secret(`e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2lnbmF0dXJl`);
const date = new Date(1_000_000).toUTCString();

describe('what an access token is told to live', () => {
  it.each([
    ['its own claims, when they say less than the issuer', { iat: 100, exp: 160 }, 3_600_000, 60_000],
    ['what the issuer says, when that is less', { iat: 100, exp: 160 }, 30_000, 30_000],
    [
      'its own claims, when the issuer says nothing and they say less than an hour',
      { iat: 0, exp: 60 },
      undefined,
      60_000,
    ],
    ['an hour that is assumed, when its claims say more', { iat: 0, exp: 7200 }, undefined, undefined],
    ['what the issuer says, when it has no expiry of its own', { iat: 100 }, 30_000, 30_000],
    ['what the issuer says, when it would have ended before it began', { iat: 100, exp: 100 }, 30_000, 30_000],
    ['what the issuer says, when its claims are no numbers', { iat: '1', exp: '2' }, 30_000, 30_000],
  ])('is %s', (_what, claims, toldMs, lifeMs) => {
    expect(toldLifeMs(jwt(claims), toldMs)).toBe(lifeMs);
  });

  it('counts from the date of the answer when it does not say since when', () => {
    expect(toldLifeMs(jwt({ exp: 1090 }), 3_600_000, date)).toBe(90_000);
    expect(toldLifeMs(jwt({ exp: 1090, iat: 1060 }), 3_600_000, date)).toBe(30_000);
    expect(toldLifeMs(jwt({ exp: 1090 }), 3_600_000)).toBe(3_600_000);
    expect(toldLifeMs(jwt({ exp: 1090 }), 3_600_000, 'yesterday')).toBe(3_600_000);
  });

  it('is what the issuer says of one that is opaque', () => {
    expect(toldLifeMs(new Secret('opaque'), 5000, date)).toBe(5000);
    expect(toldLifeMs(new Secret('opaque'), undefined)).toBeUndefined();
  });
});

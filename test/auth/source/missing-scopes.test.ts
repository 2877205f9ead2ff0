import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { missingScopes } from '../../../src/auth/source/missing-scopes.ts';
import { definition } from '../token-lab.ts';

const lacking = (scopes: readonly string[], granted?: readonly string[], neededScopes = {}) =>
  missingScopes(definition({ scopes, neededScopes }), granted);

describe('the scopes that a token lacks', () => {
  it('are those that were asked for and not granted', () => {
    expect(lacking(['read', 'write'], ['read'])).toEqual({ asked: ['write'], byCheck: {} });
    expect(lacking(['read', 'write'], ['write', 'read', 'more'])).toBeUndefined();
  });

  it('do not count those that ask for who the person is, or for a refresh token', () => {
    const identity = ['openid', 'offline_access', 'profile', 'email', 'address', 'phone'];
    expect(lacking(['read', ...identity], ['read'])).toBeUndefined();
  });

  it('are those that a check needs, whatever was asked for', () => {
    const needed = { orders: ['orders', 'read'], models: ['read'], people: ['email'] };
    expect(lacking(['read'], ['read'], needed)).toEqual({
      asked: [],
      byCheck: { orders: ['orders'], people: ['email'] },
    });
    expect(lacking([], [], { orders: ['orders'] })).toEqual({ asked: [], byCheck: { orders: ['orders'] } });
  });

  it('are none of those asked for when the issuer is silent, and nobody knows when nothing was asked for', () => {
    expect(lacking(['read'], undefined, { models: ['read'] })).toBeUndefined();
    expect(lacking(['read'], undefined, { orders: ['orders'] })).toMatchObject({ byCheck: { orders: ['orders'] } });
    expect(lacking([], undefined, { orders: ['orders'] })).toBeUndefined();
  });

  it('are never ones that were granted', () => {
    const scopes = fc.array(fc.constantFrom('a', 'b', 'c', 'openid'));
    fc.assert(
      fc.property(scopes, scopes, scopes, (asked, granted, needed) => {
        const missing = lacking(asked, granted, { check: needed });
        for (const scope of [...(missing?.asked ?? []), ...(missing?.byCheck.check ?? [])])
          expect(granted).not.toContain(scope);
      }),
    );
  });
});

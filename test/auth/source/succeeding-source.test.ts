import { describe, expect, it } from 'vitest';
import type { TokenSource } from '../../../src/auth/authorizer.ts';
import { createSucceedingSource, namesOfSameTokens } from '../../../src/auth/source/succeeding-source.ts';
import { passed, troubled } from '../../../src/model/cause.ts';
import type { TokenDefinition } from '../../../src/model/check.ts';
import { Secret } from '../../../src/model/secret.ts';
import { scriptedToken } from '../../support/scripted-check.ts';
import { definition } from '../token-lab.ts';

const refused = troubled('invalid_client', 'the secret is wrong');

function setUp(changed = {}) {
  const [older, newer] = [scriptedToken({ lastRun: passed, generation: 7 }), scriptedToken({ lastRun: refused })];
  newer.live = false;
  const before = { definition: definition(), source: older };
  const source = createSucceedingSource(newer, definition(changed), before);
  return { older, newer, source };
}

describe('a source that takes the place of another one', () => {
  it("sends the other one's token until it has its own, and tells how its own run ended", () => {
    const { source } = setUp({ timeoutMs: 1 });
    expect(source.current()).toBeDefined();
    expect(source.authorizer()).toBeDefined();
    expect(source.view()).toMatchObject({ generation: 7, lastRun: refused });
  });

  it("never goes back to the other one's once it has had its own", () => {
    const { newer, source } = setUp();
    newer.live = true;
    expect(source.current()).toBeDefined();
    newer.live = false;
    expect(source.current()).toBeUndefined();
    expect(source.authorizer()).toBeUndefined();
  });

  it("has nothing when the other one's token has ended", () => {
    const { older, source } = setUp();
    older.live = false;
    expect(source.current()).toBeUndefined();
  });

  it('takes over nothing of another client, other scopes or another issuer', () => {
    expect(setUp({ clientId: 'another' }).source.current()).toBeUndefined();
    expect(setUp({ scopes: ['other'] }).source.current()).toBeUndefined();
    expect(setUp({ issuer: 'https://another.test' }).source.current()).toBeUndefined();
  });

  it('is as any other when there is none before it', () => {
    const newer = scriptedToken();
    const source = createSucceedingSource(newer, definition(), undefined);
    expect(source.view()).toEqual({ name: 'api', ageMs: 0, generation: 1 });
    source.suspect(1);
    expect(newer.suspected).toEqual([1]);
  });
});

describe('a suspicion, a login and a logout while the token of another source is sent', () => {
  it('suspects the token that was sent, at the source that it is of', async () => {
    const { older, newer, source } = setUp();
    await source.suspect(7);
    expect(older.suspected).toEqual([7]);
    newer.live = true;
    await source.suspect(1);
    expect(newer.suspected).toEqual([1]);
    expect(older.suspected).toEqual([7]);
  });

  const withPerson = () => {
    const [older, newer] = [scriptedToken({ generation: 7 }), scriptedToken({ generation: 8 })];
    newer.live = false;
    const of: TokenSource = {
      ...newer,
      adopt: async () => {
        newer.live = true;
      },
      logout: async () => ({ revocation: 'revoked' }),
    };
    return createSucceedingSource(of, definition(), { definition: definition(), source: older });
  };

  it('goes on with what the login brought', async () => {
    const source = withPerson();
    expect(source.view().generation).toBe(7);
    await source.adopt?.({ accessToken: new Secret('at'), sentAt: { monotonicMs: 0, wallMs: 0 } });
    expect(source.view().generation).toBe(8);
  });

  it('sends it no more once it is logged out', async () => {
    const source = withPerson();
    const report = source.logout?.();
    expect(source.current()).toBeUndefined();
    expect(await report).toEqual({ revocation: 'revoked' });
  });

  it('cannot be logged in to where the source cannot', () => {
    expect(setUp().source).not.toHaveProperty('adopt');
    expect(setUp().source).not.toHaveProperty('logout');
  });
});

describe('what a token is', () => {
  it.each<[string, Partial<TokenDefinition>]>([
    ['resource', { resources: ['https://api.test'] }],
    ['audience', { audience: 'api' }],
    ['parameters', { parameters: { tenant: 'a' } }],
    ['proof', { dpop: { algorithm: 'ES256' } }],
    ['certificate', { clientCertificate: { certificate: 'PEM', key: new Secret('k') } }],
  ])('is another one with another %s', (_what, members) => {
    expect(namesOfSameTokens([definition()], [definition(members)])).toEqual([]);
    expect(setUp(members).source.current()).toBeUndefined();
  });

  it('is the same with another client certificate that targets are not shown', () => {
    const hidden = { presentCertificate: false, clientCertificate: { certificate: 'PEM', key: new Secret('k') } };
    const before = definition({ presentCertificate: false });
    expect(namesOfSameTokens([before], [definition(hidden)])).toEqual(['claude']);
  });
});

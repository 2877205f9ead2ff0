import { describe, expect, it } from 'vitest';
import { adoptLogin, logoutFromStore } from '../../src/auth/grants/consent.ts';
import { diagnoseTokenRun } from '../../src/diagnosis/diagnose-token-run.ts';
import type { TokenDefinition } from '../../src/model/check.ts';
import { Secret } from '../../src/model/secret.ts';
import type { StoredToken } from '../../src/model/token.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';
import { fileStore, grantOn, isLive, scopes, tokenRun, userDefinition } from './family-lab.ts';
import { scriptedIssuer } from './scripted-issuer.ts';
import { labDefinition, labIssuer } from './token-lab.ts';

const { clock, files } = createVirtualSystem();
const sentAt = { monotonicMs: 0, wallMs: clock.wallMs() };

/** An issuer with a person's login in a store, and another issuer (a listener that is played) that must get none of it. */
async function setUp() {
  const issuer = await labIssuer();
  const store = fileStore(await temporaryFolder());
  const wanted = labDefinition(issuer, 'lab-person-web');
  const other = await scriptedIssuer(() => ({ status: 400, body: { error: 'invalid_grant' } }));
  const { issuer: _, ...unnamed } = wanted;
  const elsewhere: TokenDefinition = {
    ...unnamed,
    endpoints: { token: `${other.origin}/token`, revocation: `${other.origin}/revoke` },
  };
  const login = async () => {
    const seed = await issuer.mintRefreshToken('lab-person-web', scopes);
    const { refresh_token } = await issuer.spendRefreshToken(seed);
    return { accessToken: new Secret('at'), refreshToken: new Secret(String(refresh_token)), expiresInMs: 0, sentAt };
  };
  return { issuer, store, wanted, other, elsewhere, login };
}

/** As a version of before would have left it. */
const withoutOwner = async (store: ReturnType<typeof fileStore>, without: readonly (keyof StoredToken)[] = []) => {
  const record = Object.entries((await store.read('claude')) as StoredToken);
  const left = record.filter(([member]) => member !== 'ownerFingerprint' && !without.some((gone) => gone === member));
  await store.write('claude', { generation: 0, ...Object.fromEntries(left) });
};

describe('a family of refresh tokens under another owner', () => {
  it('is sent nowhere when the configuration names another issuer, and goes on when it is back', async () => {
    const { issuer, store, wanted, other, elsewhere, login } = await setUp();
    await adoptLogin(store, wanted, await login());
    const { observation } = await grantOn(store, elsewhere).run();
    expect(observation).toEqual({ grant: 'authorization_code', phases: {}, refreshToken: 'foreign' });
    expect(diagnoseTokenRun(observation)).toMatchObject({
      cause: { code: 'consent_required', detail: expect.stringContaining('granted by another issuer') },
    });
    await adoptLogin(store, elsewhere, { accessToken: new Secret('bt'), refreshToken: new Secret('rt'), sentAt });
    expect(other.requests).toEqual([]);
    const { run } = grantOn(store, wanted);
    expect(await isLive(issuer, await run())).toBe(true);
    const back = await grantOn(store, elsewhere).run();
    expect(back.received?.value.reveal()).toBe('bt');
    expect(other.requests).toEqual([]);
  });

  it.each([
    ['client', { clientId: 'another' }],
    ['token endpoint', { endpoints: { token: 'http://127.0.0.1:1/token' } }],
  ])('is not sent either when it is the %s that changed', async (_what, members) => {
    const { store, wanted, login } = await setUp();
    await adoptLogin(store, wanted, await login());
    expect((await grantOn(store, { ...wanted, ...members }).run()).observation.refreshToken).toBe('foreign');
  });

  it('has nothing to revoke there: a logout reaches nobody, and ends nothing but itself', async () => {
    const { issuer, store, wanted, other, elsewhere, login } = await setUp();
    await adoptLogin(store, wanted, await login());
    const ports = { store, clock, files, judge: diagnoseTokenRun };
    const report = await logoutFromStore(ports, grantOn(store, elsewhere).issuer, elsewhere, tokenRun);
    expect(report).toEqual({ revocation: 'nothing' });
    expect(other.requests).toEqual([]);
    expect((await grantOn(store, elsewhere).run()).observation.refreshToken).toBe('logged_out');
    expect(await isLive(issuer, await grantOn(store, wanted).run())).toBe(true);
  });

  it('that a seed has begun is kept, the spent seed goes nowhere, and another one begins beside it', async () => {
    const { issuer, store, other, elsewhere } = await setUp();
    const wanted = await userDefinition(issuer);
    await grantOn(store, wanted).run();
    const moved = { ...elsewhere, grant: wanted.grant, refreshToken: wanted.refreshToken };
    const { observation } = await grantOn(store, moved as TokenDefinition).run();
    expect(observation).toEqual({ grant: 'refresh_token', phases: {}, refreshToken: 'foreign' });
    expect(diagnoseTokenRun(observation)).toMatchObject({ cause: { code: 'invalid_grant' } });
    expect(other.requests).toEqual([]);
    const seed = new Secret('fresh-seed');
    await grantOn(store, { ...moved, refreshToken: seed } as TokenDefinition).run();
    expect(other.requests.map(({ form }) => form.refresh_token)).toEqual(['fresh-seed']);
    const { run } = grantOn(store, wanted);
    await run();
    expect(await isLive(issuer, await run())).toBe(true);
    expect((await store.read('claude'))?.others).toBeUndefined();
  });
});

describe('a family of before owners were noted', () => {
  it('is taken over by what it was asked for with', async () => {
    const { issuer, store, wanted, login } = await setUp();
    await adoptLogin(store, wanted, await login());
    await withoutOwner(store);
    expect(await isLive(issuer, await grantOn(store, wanted).run())).toBe(true);
  });

  it('is taken over by its seed, and by nothing that neither says', async () => {
    const { issuer, store } = await setUp();
    const wanted = await userDefinition(issuer);
    await grantOn(store, wanted).run();
    await withoutOwner(store, ['askFingerprint']);
    const { refreshToken: _, ...seedless } = wanted;
    expect((await grantOn(store, seedless).run()).observation.refreshToken).toBe('foreign');
    expect(await isLive(issuer, await grantOn(store, wanted).run())).toBe(true);
  });

  it('that was logged out stays so', async () => {
    const { store, wanted } = await setUp();
    await store.write('claude', { generation: 3, loggedOutAtMs: 1 });
    expect((await grantOn(store, wanted).run()).observation.refreshToken).toBe('logged_out');
  });
});

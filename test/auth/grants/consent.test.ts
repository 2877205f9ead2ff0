import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LoginTokens } from '../../../src/auth/authorizer.ts';
import { adoptLogin, logoutFromStore } from '../../../src/auth/grants/consent.ts';
import { diagnoseTokenRun } from '../../../src/diagnosis/diagnose-token-run.ts';
import type { TokenDefinition } from '../../../src/model/check.ts';
import { Secret } from '../../../src/model/secret.ts';
import { type TokenStore, TokenStoreError } from '../../../src/model/token.ts';
import { PermitRefused } from '../../../src/net/limiter.ts';
import type { Issuer } from '../../lab/issuer.ts';
import type { LabClientId } from '../../lab/issuer-clients.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { createVirtualSystem } from '../../support/virtual-system.ts';
import { dropAccess, fileStore, grantOn, isLive, scopes, tokenRun, userDefinition } from '../family-lab.ts';
import { labDefinition, labIssuer } from '../token-lab.ts';

const { clock: now, files } = createVirtualSystem();
const sentAt = { monotonicMs: 4711, wallMs: now.wallMs() };

/** What a person's consent brings: an access token by the first refresh of a new family. */
async function loginAt(issuer: Issuer, client: LabClientId = 'lab-user'): Promise<LoginTokens> {
  const seed = await issuer.mintRefreshToken(client, scopes);
  const { access_token, refresh_token } = await issuer.spendRefreshToken(seed);
  return {
    accessToken: new Secret(String(access_token)),
    refreshToken: new Secret(String(refresh_token)),
    expiresInMs: 600_000,
    scopes,
    sentAt,
  };
}

const withoutRefreshToken = ({ refreshToken: _, ...login }: LoginTokens): LoginTokens => login;

async function setUp(client: LabClientId = 'lab-person-web') {
  const issuer = await labIssuer();
  const store = fileStore(await temporaryFolder());
  return { issuer, store, wanted: labDefinition(issuer, client) };
}

describe('a grant that needs a person', () => {
  it.each(['lab-person-web', 'lab-device'] as const)('has nothing before a login: %s', async (client) => {
    const { issuer, store, wanted } = await setUp(client);
    const { observation } = await grantOn(store, wanted).run();
    expect(observation).toEqual({ grant: wanted.grant, phases: {}, refreshToken: 'absent' });
    expect(issuer.tokenRequests()).toBe(0);
  });

  it('goes on with the stored login, and refreshes its family', async () => {
    const { issuer, store, wanted } = await setUp();
    const login = await loginAt(issuer, 'lab-person-web');
    await adoptLogin(store, wanted, login);
    const { run } = grantOn(store, wanted);
    const first = await run();
    expect(first.received).toMatchObject({ generation: 1, scopes, renewable: true });
    expect(first.received?.value.reveal()).toBe(login.accessToken.reveal());
    expect(first.received?.lifetime).toMatchObject({ obtainedAtMs: 0, expiresAtMs: 600_000 });
    const second = await run();
    expect(second.observation).toMatchObject({ grant: 'authorization_code', refreshToken: 'live', status: 200 });
    expect(second.received?.generation).toBe(2);
    expect(await isLive(issuer, second)).toBe(true);
  });

  it('may be logged in to while it runs: the next attempt hands out what the login brought', async () => {
    const { issuer, store, wanted } = await setUp();
    const { run, grant } = grantOn(store, wanted);
    await run();
    await grant.adopt?.(await loginAt(issuer, 'lab-person-web'));
    expect((await run()).received?.generation).toBe(1);
    expect(await isLive(issuer, await run())).toBe(true);
  });

  it('is told of a login that replaces another one, whose refresh token the issuer takes still', async () => {
    const { issuer, store, wanted } = await setUp();
    const [first, second] = [await loginAt(issuer, 'lab-person-web'), await loginAt(issuer, 'lab-person-web')];
    expect(await adoptLogin(store, wanted, first)).toBeUndefined();
    expect(await adoptLogin(store, wanted, first)).toBeUndefined();
    expect(await adoptLogin(store, wanted, second)).toMatch(/^The login to claude has replaced the one before/);
    expect(await issuer.familyIsAlive(first.refreshToken?.reveal() ?? '')).toBe(true);
  });

  it('uses an access token that came alone until it ends', async () => {
    const { issuer, store, wanted } = await setUp();
    const login = await loginAt(issuer, 'lab-person-web');
    await adoptLogin(store, wanted, withoutRefreshToken(login));
    const { run } = grantOn(store, wanted);
    const { observation, received } = await run();
    expect(received).toMatchObject({ renewable: false });
    expect(observation).toMatchObject({ refreshToken: 'absent', granted: { expiresInMs: 600_000 } });
    expect((await run()).observation).toEqual({ grant: 'authorization_code', phases: {}, refreshToken: 'absent' });
  });

  it('takes the scopes that were asked for, and an hour, where the login names none', async () => {
    const { store, wanted } = await setUp();
    await adoptLogin(store, wanted, { accessToken: new Secret('at'), sentAt });
    const { observation, received } = await grantOn(store, wanted).run();
    expect(observation.granted).toEqual({ scopes });
    expect(received?.lifetime).toMatchObject({ expiresAtMs: 3_600_000, isAssumed: true });
    await adoptLogin(store, { ...wanted, scopes: [] }, { accessToken: new Secret('at'), sentAt });
    expect((await grantOn(store, { ...wanted, scopes: [] }).run()).observation.granted).not.toHaveProperty('scopes');
  });

  it('begins anew after its family was refused, and keeps the old one when the login cannot be stored', async () => {
    const { issuer, store, wanted } = await setUp();
    const login = await loginAt(issuer, 'lab-person-web');
    await adoptLogin(store, wanted, login);
    const stored = await store.read('claude');
    const broken: TokenStore = { ...store, write: () => Promise.reject(new TokenStoreError('full')) };
    await expect(adoptLogin(broken, wanted, await loginAt(issuer, 'lab-person-web'))).rejects.toThrow('full');
    expect(await store.read('claude')).toEqual(stored);
    issuer.revokeAll();
    const { run, grant } = grantOn(store, wanted);
    await run();
    expect((await run()).observation).toMatchObject({ error: 'invalid_grant', refreshToken: 'live' });
    await grant.adopt?.(await loginAt(issuer, 'lab-person-web'));
    await run();
    expect(await isLive(issuer, await run())).toBe(true);
  });
});

describe('a login beside a configured refresh token', () => {
  it('takes its place, over restarts too, and the seed is not gone back to when the login has ended', async () => {
    const { issuer, store } = await setUp();
    const wanted = await userDefinition(issuer);
    await adoptLogin(store, wanted, withoutRefreshToken(await loginAt(issuer)));
    await dropAccess(store);
    const { observation } = await grantOn(store, wanted).run();
    expect(observation).toEqual({ grant: 'refresh_token', phases: {}, refreshToken: 'absent' });
    expect(issuer.tokenRequests()).toBe(1);
  });

  it('does not spend it: another seed begins another family, and so does this one under another name', async () => {
    const { issuer, store } = await setUp();
    const wanted = await userDefinition(issuer);
    await adoptLogin(store, wanted, await loginAt(issuer));
    const { run } = grantOn(store, wanted);
    await run();
    await run();
    expect(await isLive(issuer, await grantOn(store, await userDefinition(issuer)).run())).toBe(true);
    expect(await isLive(issuer, await grantOn(store, { ...wanted, name: 'other' }).run())).toBe(true);
  });

  it('goes on when the seed is taken out of the configuration, and put back', async () => {
    const { issuer, store } = await setUp();
    const wanted = await userDefinition(issuer);
    const { refreshToken: _, ...seedless } = wanted;
    await adoptLogin(store, wanted, await loginAt(issuer));
    await adoptLogin(store, seedless, await loginAt(issuer));
    await dropAccess(store);
    expect(await isLive(issuer, await grantOn(store, wanted).run())).toBe(true);
  });

  it('that is refused after our own lost request says since when, and leaves the seed alone', async () => {
    const { issuer, store } = await setUp();
    const wanted = await userDefinition(issuer);
    await adoptLogin(store, wanted, await loginAt(issuer));
    await dropAccess(store);
    const { run } = grantOn(store, wanted);
    await issuer.faults.set('cut-answer', '/token');
    await run();
    await issuer.faults.clear();
    expect((await run()).observation).toMatchObject({ refreshToken: 'spent', spendingSinceMs: sentAt.wallMs });
    const restarted = await grantOn(store, wanted).run();
    expect(restarted.observation).toMatchObject({ refreshToken: 'spent', spendingSinceMs: sentAt.wallMs });
    expect((await store.read('claude'))?.spentSeeds ?? []).toEqual([]);
  });
});

describe('a logout', () => {
  const logout = (store: TokenStore, wanted: TokenDefinition) =>
    logoutFromStore(
      { store, clock: now, files, judge: diagnoseTokenRun },
      grantOn(store, wanted).issuer,
      wanted,
      tokenRun,
    );

  it('revokes the refresh token and the access token at the issuer, and forgets them', async () => {
    const { issuer, store, wanted } = await setUp();
    const login = await loginAt(issuer, 'lab-person-web');
    await adoptLogin(store, wanted, login);
    expect(await logout(store, wanted)).toEqual({ revocation: 'revoked' });
    expect(await issuer.introspect(login.accessToken.reveal())).toEqual({ active: false });
    expect(await issuer.familyIsAlive(login.refreshToken?.reveal() ?? '')).toBe(false);
    expect(issuer.requests('/token/revocation')).toBe(2);
    expect(await store.read('claude')).toEqual({
      ownerFingerprint: expect.any(String),
      generation: 1,
      loggedOutAtMs: now.wallMs(),
    });
    const { observation } = await grantOn(store, wanted).run();
    expect(observation).toEqual({ grant: 'authorization_code', phases: {}, refreshToken: 'logged_out' });
  });

  it('has nothing to revoke without a login, and holds after a restart', async () => {
    const { issuer, store, wanted } = await setUp();
    expect(await logout(store, wanted)).toEqual({ revocation: 'nothing' });
    expect(issuer.requests('/token/revocation')).toBe(0);
    expect((await grantOn(store, wanted).run()).observation.refreshToken).toBe('logged_out');
  });

  it('spends the configured refresh token, and another one begins anew', async () => {
    const { issuer, store } = await setUp();
    const wanted = await userDefinition(issuer);
    const { run, grant } = grantOn(store, wanted);
    await run();
    expect(await grant.logout?.(tokenRun)).toEqual({ revocation: 'revoked' });
    expect((await run()).observation.refreshToken).toBe('logged_out');
    expect((await grantOn(store, wanted).run()).observation.refreshToken).toBe('logged_out');
    expect((await grantOn(store, { ...wanted, name: 'other' }).run()).observation.refreshToken).toBe('spent');
    expect(await isLive(issuer, await grantOn(store, await userDefinition(issuer)).run())).toBe(true);
  });

  it('is undone by a login', async () => {
    const { issuer, store, wanted } = await setUp();
    await logout(store, wanted);
    await adoptLogin(store, wanted, await loginAt(issuer, 'lab-person-web'));
    const { run } = grantOn(store, wanted);
    await run();
    expect(await isLive(issuer, await run())).toBe(true);
  });

  it.each([
    ['fails', 'status-500' as const, /^The issuer did not revoke the refresh token: .*500/],
    ['is not there', 'down' as const, /^The issuer did not revoke the refresh token: .*refused/],
  ])('forgets the tokens also when the issuer %s, and says so', async (_how, fault, problem) => {
    const { issuer, store, wanted } = await setUp();
    await adoptLogin(store, wanted, await loginAt(issuer, 'lab-person-web'));
    await issuer.faults.set(fault);
    const report = await logout(store, wanted);
    expect(report).toEqual({ revocation: 'failed', problem: expect.stringMatching(problem) });
    expect(await store.read('claude')).toEqual({
      ownerFingerprint: expect.any(String),
      generation: 1,
      loggedOutAtMs: now.wallMs(),
    });
  });

  it('tells that the issuer has no place for it', async () => {
    const { issuer, store, wanted } = await setUp();
    const { issuer: _, ...named } = wanted;
    const placeless = { ...named, endpoints: { token: `${issuer.origin}/token` } };
    await adoptLogin(store, placeless, await loginAt(issuer, 'lab-person-web'));
    expect(await logout(store, placeless)).toEqual({ revocation: 'unsupported' });
  });

  it('without a permit is a failed one, and a bug is not taken for that (with an issuer that is played)', async () => {
    const { issuer, store, wanted } = await setUp();
    const ports = { store, clock: now, files, judge: diagnoseTokenRun };
    await adoptLogin(store, wanted, await loginAt(issuer, 'lab-person-web'));
    const buggy = { revoke: () => Promise.reject(new TypeError('bug')) };
    await expect(logoutFromStore(ports, buggy, wanted, tokenRun)).rejects.toThrow(TypeError);
    const refusing = { revoke: () => Promise.reject(new PermitRefused('bound_passed')) };
    expect(await logoutFromStore(ports, refusing, wanted, tokenRun)).toEqual({
      revocation: 'failed',
      problem: 'The issuer did not revoke the refresh token: no permit came.',
    });
  });

  it('removes an exported token, and tells where that cannot be', async () => {
    const { store, wanted } = await setUp();
    const file = join(await temporaryFolder(), 'token');
    await writeFile(file, 'at');
    const exporting = { ...wanted, exportTo: { file, mode: 0o600 } };
    expect(await logout(store, exporting)).toEqual({ revocation: 'nothing' });
    await expect(stat(file)).rejects.toThrow('ENOENT');
    await mkdir(file);
    expect(await logout(store, exporting)).toEqual({
      revocation: 'nothing',
      problem: expect.stringContaining(`${file} cannot be removed`),
    });
  });

  it('that cannot be stored is stored by a later run', async () => {
    const { issuer, store, wanted } = await setUp();
    await adoptLogin(store, wanted, await loginAt(issuer, 'lab-person-web'));
    let isFull = true;
    const filling: TokenStore = {
      ...store,
      write: (...written) => (isFull ? Promise.reject(new TokenStoreError('full')) : store.write(...written)),
    };
    const { grant, run } = grantOn(filling, wanted);
    await expect(grant.logout?.(tokenRun)).rejects.toThrow('full');
    expect((await store.read('claude'))?.refreshToken).toBeDefined();
    isFull = false;
    expect((await run()).observation.refreshToken).toBe('logged_out');
    expect((await store.read('claude'))?.refreshToken).toBeUndefined();
  });
});

describe('a logout that a crash cuts off', () => {
  /** Dies when the issuer has been asked, before the end of the logout is stored. */
  const dyingStore = (store: TokenStore): TokenStore => ({
    ...store,
    write: (token, stored) => {
      const isEnd = stored.loggedOutAtMs !== undefined && !stored.refreshToken;
      return isEnd ? Promise.reject(new TokenStoreError('died')) : store.write(token, stored);
    },
  });
  const ports = (store: TokenStore) => ({ store, clock: now, files, judge: diagnoseTokenRun });

  it('is finished by the next start: what it had not revoked is, and nothing is asked for', async () => {
    const { issuer, store, wanted } = await setUp();
    const login = await loginAt(issuer, 'lab-person-web');
    await adoptLogin(store, wanted, login);
    const unreachable = { revoke: async () => ({ kind: 'unsupported' as const }) };
    await expect(logoutFromStore(ports(dyingStore(store)), unreachable, wanted, tokenRun)).rejects.toThrow('died');
    expect((await store.read('claude'))?.refreshToken).toBeDefined();
    const { observation, received } = await grantOn(store, wanted).run();
    expect(observation).toEqual({ grant: 'authorization_code', phases: {}, refreshToken: 'logged_out' });
    expect(received).toBeUndefined();
    expect(await store.read('claude')).toEqual({
      ownerFingerprint: expect.any(String),
      generation: 1,
      loggedOutAtMs: now.wallMs(),
    });
    expect(await issuer.familyIsAlive(login.refreshToken?.reveal() ?? '')).toBe(false);
    expect(issuer.requests('/token/revocation')).toBe(2);
  });

  it('is finished by another logout as well, and by a login it is over', async () => {
    const { issuer, store, wanted } = await setUp();
    await adoptLogin(store, wanted, await loginAt(issuer, 'lab-person-web'));
    const unreachable = { revoke: async () => ({ kind: 'unsupported' as const }) };
    const cutOff = () => logoutFromStore(ports(dyingStore(store)), unreachable, wanted, tokenRun);
    await expect(cutOff()).rejects.toThrow('died');
    const again = await logoutFromStore(ports(store), grantOn(store, wanted).issuer, wanted, tokenRun);
    expect(again).toEqual({ revocation: 'revoked' });
    await adoptLogin(store, wanted, await loginAt(issuer, 'lab-person-web'));
    await expect(cutOff()).rejects.toThrow('died');
    await adoptLogin(store, wanted, await loginAt(issuer, 'lab-person-web'));
    await dropAccess(store);
    expect(await isLive(issuer, await grantOn(store, wanted).run())).toBe(true);
  });

  it('revokes the access token too when other scopes are asked for since', async () => {
    const { issuer, store, wanted } = await setUp();
    const login = await loginAt(issuer, 'lab-person-web');
    await adoptLogin(store, wanted, withoutRefreshToken(login));
    const changed = { ...wanted, scopes: [] };
    const report = await logoutFromStore(ports(store), grantOn(store, changed).issuer, changed, tokenRun);
    expect(report).toEqual({ revocation: 'revoked' });
    expect(await issuer.introspect(login.accessToken.reveal())).toEqual({ active: false });
  });
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/model/secret.ts';
import type { VaultAuth } from '../../../src/model/vault.ts';
import { createFolder } from '../../support/load-text.ts';
import { openLab } from '../vault-lab.ts';

const key = 'secret/claude#key';
const lent = 'database/creds/app#username';

const approle: VaultAuth = {
  method: 'approle',
  mount: 'approle',
  roleId: new Secret('role-of-sonde'),
  secretId: new Secret('fake-secret-id-000001'),
};

async function openSession(auth: VaultAuth, everyMs = 3_600_000) {
  const lab = await openLab({ auth, everyMs });
  lab.vault.write('claude', { key: 'the-secret' });
  return lab;
}

/** What was asked of tokens. */
const ofTokens = (asked: readonly string[]) => asked.filter((what) => what.includes(' auth/'));

describe('a session with a fake Vault', () => {
  it('logs in by AppRole, and reads with the token that it gets', async () => {
    const { vault, load, audited } = await openSession(approle);
    expect(await load([key])).toEqual(['the-secret']);
    expect(vault.asked[0]).toMatchObject({
      what: 'POST auth/approle/login',
      body: { role_id: 'role-of-sonde', secret_id: 'fake-secret-id-000001' },
    });
    expect(ofTokens(vault.news())).toHaveLength(1);
    expect(audited).toContainEqual(['vault_login', { who: ['vault'], outcome: 'done', detail: 'by approle' }]);
  });

  it('logs in by AppRole without a secret id where the role binds none', async () => {
    const { secretId: _, ...bare } = approle as Extract<VaultAuth, { method: 'approle' }>;
    const { vault, load } = await openSession(bare);
    await load([key]);
    expect(vault.asked[0]?.body).toEqual({ role_id: 'role-of-sonde' });
  });

  it('logs in by JWT, at the mount that is named', async () => {
    const jwt = new Secret('fake.jwt.of-the-service-account');
    const { vault, load } = await openSession({ method: 'jwt', mount: 'ci/jwt', role: 'sonde', jwt });
    expect(await load([key])).toEqual(['the-secret']);
    expect(vault.asked[0]?.what).toBe('POST auth/ci/jwt/login');
  });

  it("logs in as Kubernetes says, with the file's token of the moment", async () => {
    const folder = await createFolder({ token: 'outdated.jwt.of-yesterday\n' });
    const jwtFile = join(folder, 'token');
    const { vault, load, masker } = await openSession({
      method: 'kubernetes',
      mount: 'kubernetes',
      role: 'sonde',
      jwtFile,
    });
    expect(await load([key])).toMatchObject([
      {
        problem: expect.stringMatching(/^Vault refuses the log-in by kubernetes at auth\/kubernetes \(403: permission/),
      },
    ]);
    await writeFile(jwtFile, 'fake.jwt.of-the-service-account\n');
    expect(await load([key])).toEqual(['the-secret']);
    expect(vault.asked.at(-1)?.what).toBe('GET secret/data/claude');
    expect(masker.mask('x fake.jwt.of-the-service-account')).toBe('x [secret]');
  });

  it('says which file of a service account is not there', async () => {
    const { load } = await openSession({ method: 'kubernetes', mount: 'k', role: 'sonde', jwtFile: '/nowhere/token' });
    expect(await load([key])).toEqual([
      {
        problem: '/nowhere/token is not there; mount the token of the service account, or set `jwt_file`',
        mayCome: true,
      },
    ]);
  });

  it('tells what Vault says of a log-in that it refuses, without the secret that it quotes', async () => {
    const { load } = await openSession({ ...approle, secretId: new Secret('wrong-secret-id') } as VaultAuth);
    expect(await load([key])).toEqual([
      {
        problem:
          'Vault refuses the log-in by approle at auth/approle (400: invalid role or secret ID ([secret])); check the role, its credential, and where the auth method is mounted',
        mayCome: true,
      },
    ]);
  });

  it.each<[string, VaultAuth]>([
    [
      'an AppRole',
      { method: 'approle', mount: 'approle', roleId: new Secret('quoted-1'), secretId: new Secret('quoted-2') },
    ],
    ['a JWT', { method: 'jwt', mount: 'jwt', role: 'sonde', jwt: new Secret('quoted-1') }],
    ['a token', { method: 'token', token: new Secret('quoted-1') }],
  ])('hides %s that Vault quotes before any configuration has told of it', async (_, auth) => {
    const { vault, load, audited } = await openSession(auth);
    vault.answerAlways([400, { errors: ['cannot use quoted-1 quoted-2'] }]);
    const told = JSON.stringify([await load([key]), audited]);
    expect(told).toContain('cannot use [secret]');
    expect(told).not.toContain('quoted-1');
  });

  it('tells of an answer to a log-in that is none', async () => {
    const { vault, load } = await openSession(approle);
    vault.answerAlways([200, '<html>welcome']);
    expect(await load([key])).toMatchObject([
      { problem: expect.stringMatching(/^the answer is not what the API of Vault promises \(200\); check that/) },
    ]);
  });

  it('shares one log-in between all that need it, and waits longer after each that fails', async () => {
    const { vault, load, pass } = await openSession(approle);
    vault.fake.sealed = true;
    await load([key, 'secret/other#key', 'old/claude#key']);
    expect(vault.news()).toEqual(['POST auth/approle/login']);
    await pass(300_000);
    const tries = vault.news();
    expect(new Set(tries)).toEqual(new Set(['POST auth/approle/login']));
    expect(tries.length).toBeGreaterThan(5);
    expect(tries.length).toBeLessThan(20);
    vault.fake.sealed = false;
    await pass(61_000);
    expect(ofTokens(vault.news())).toHaveLength(1);
  });

  it('has its token renewed at two thirds, and logs in anew when its longest life is near', async () => {
    const { vault, load, pass, audited } = await openSession(approle);
    vault.fake.login = { ttl: 300, maxTtl: 700, renewable: true };
    await load([key]);
    vault.news();
    await pass(201_000);
    expect(ofTokens(vault.news())).toEqual(['PUT auth/token/renew-self']);
    await pass(201_000);
    expect(ofTokens(vault.news())).toEqual(['PUT auth/token/renew-self']);
    // At 600 s it is renewed for 100 s instead of 300; two thirds later another one is had.
    await pass(201_000);
    expect(ofTokens(vault.news())).toEqual(['PUT auth/token/renew-self']);
    await pass(70_000);
    expect(ofTokens(vault.news())).toEqual(['POST auth/approle/login']);
    expect(audited.filter(([event]) => event === 'vault_token_renewed')).toHaveLength(3);
  });

  it('logs in anew at two thirds of a token that cannot be renewed, and when a renewal is refused', async () => {
    const { vault, load, pass } = await openSession(approle);
    vault.fake.login = { ttl: 300, renewable: false };
    await load([key]);
    vault.fake.login = { ttl: 300, renewable: true };
    vault.news();
    await pass(201_000);
    expect(ofTokens(vault.news())).toEqual(['POST auth/approle/login']);
    for (const token of vault.tokens.keys()) vault.tokens.delete(token);
    await pass(201_000);
    expect(ofTokens(vault.news())).toEqual(['PUT auth/token/renew-self', 'POST auth/approle/login']);
  });

  it('goes on trying to renew and to log in while Vault is away', async () => {
    const { vault, load, pass, look } = await openSession(approle, 60_000);
    vault.fake.login = { ttl: 300, renewable: true };
    await load([key]);
    vault.fake.sealed = true;
    await pass(280_000);
    const renewals = ofTokens(vault.news()).filter((what) => what.endsWith('renew-self'));
    expect(renewals.length).toBeGreaterThan(1);
    await pass(300_000);
    vault.fake.sealed = false;
    await pass(90_000);
    expect(ofTokens(vault.news()).at(-1)).toBe('POST auth/approle/login');
    expect(await look(key)).toEqual(['the-secret']);
  });

  it('keeps trying to log in for the next token while the one that lives serves', async () => {
    const { vault, load, pass } = await openSession(approle);
    vault.fake.login = { ttl: 300, renewable: false };
    await load([key]);
    vault.fake.sealed = true;
    await pass(230_000);
    expect(ofTokens(vault.news()).length).toBeGreaterThan(2);
    vault.fake.sealed = false;
    await pass(61_000);
    expect(ofTokens(vault.news()).at(-1)).toBe('POST auth/approle/login');
  });

  it('logs in anew, once, when a token is refused that has served before', async () => {
    const { vault, load, pass } = await openSession(approle);
    await load([key]);
    await pass(61_000);
    vault.tokens.clear();
    vault.news();
    expect(await load([key])).toEqual(['the-secret']);
    expect(vault.news()).toEqual(['GET secret/data/claude', 'POST auth/approle/login', 'GET secret/data/claude']);
  });

  it('does not take the want of a policy for a dead token, time and again', async () => {
    const { vault, load, pass } = await openSession(approle);
    vault.fake.login = { ttl: 3600, allows: ['secret/data/claude'] };
    await load([key, 'secret/hidden#key']);
    expect(ofTokens(vault.news())).toHaveLength(1);
    await pass(600_000);
    expect(ofTokens(vault.news()).length).toBeLessThanOrEqual(1);
  });

  it('has leases anew when its token is another one: they end with the token that they hang on', async () => {
    const { vault, load, pass } = await openSession(approle);
    vault.fake.login = { ttl: 300, renewable: false };
    vault.fake.lease = { ttl: 3600 };
    await load([lent]);
    vault.news();
    await pass(202_000);
    expect(vault.news()).toEqual(['POST auth/approle/login', 'GET database/creds/app']);
  });

  it('tells in time that a token which was given to it ends', async () => {
    const lab = await openLab();
    const { vault, load, pass, warnings, definition } = lab;
    vault.write('claude', { key: 'the-secret' });
    const token = vault.issue({ ttl: 300, maxTtl: 400 });
    await load([key], { ...definition, auth: { method: 'token', token: new Secret(token) } });
    await pass(201_000);
    const said = 'and cannot be renewed: set another one under `vault.auth` before';
    expect(warnings).toEqual([`the token of Vault ends in 200 s ${said}`]);
    const fixed = vault.issue({ ttl: 100, renewable: false });
    await load([key], { ...definition, auth: { method: 'token', token: new Secret(fixed) } });
    expect(warnings.at(-1)).toBe(`the token of Vault ends in 100 s ${said}`);
  });

  it('has a token renewed that was given to it, and lets it be when that is refused', async () => {
    const { vault, load, pass, warnings, definition } = await openLab();
    vault.write('claude', { key: 'the-secret' });
    const token = vault.issue({ ttl: 300 });
    await load([key], { ...definition, auth: { method: 'token', token: new Secret(token) } });
    vault.news();
    await pass(201_000);
    expect(ofTokens(vault.news())).toEqual(['PUT auth/token/renew-self']);
    vault.fake.refusesRenewal = true;
    await pass(250_000);
    expect(ofTokens(vault.news())).toEqual(['PUT auth/token/renew-self']);
    expect(warnings).toEqual([expect.stringMatching(/^the token of Vault ends in (99|100) s and cannot be renewed/)]);
  });

  it('uses a token that may not even ask how long it lives', async () => {
    const { vault, load } = await openLab();
    vault.write('claude', { key: 'the-secret' });
    vault.fake.hidesLives = true;
    expect(await load([key])).toEqual(['the-secret']);
  });

  it('tells what keeps it from looking up a token', async () => {
    const { vault, load } = await openLab();
    vault.answerAlways([404, { errors: [] }]);
    expect(await load([key])).toMatchObject([{ problem: expect.stringContaining('(404)') }]);
  });

  it('goes on with what it holds under another way to log in', async () => {
    const { vault, load, definition, look } = await openLab();
    vault.write('claude', { key: 'the-secret' });
    vault.fake.lease = { ttl: 3600 };
    await load([key, lent]);
    vault.news();
    vault.fake.sealed = true;
    expect(await load([key], { ...definition, auth: approle })).toEqual(['the-secret']);
    vault.fake.sealed = false;
    await load([key, lent], { ...definition, auth: approle });
    expect(vault.news().filter((what) => what.startsWith('POST') || what.includes('creds'))).toEqual([
      'POST auth/approle/login',
      'POST auth/approle/login',
      'GET database/creds/app',
    ]);
    expect(await look(key)).toEqual(['the-secret']);
  });

  it('gives a token back that it had to log in for, and with it all leases', async () => {
    const { vault, load, sources, audited, system } = await openSession(approle);
    await load([key]);
    const [, token] = [...vault.tokens.keys()];
    expect(vault.tokens.has(token as string)).toBe(true);
    await sources.close();
    expect(vault.tokens.has(token as string)).toBe(false);
    expect(audited.at(-1)).toEqual(['vault_token_revoked', { who: ['vault'], outcome: 'done' }]);
    expect(system.clock.pending()).toBe(0);
  });

  it('ends when Vault does not take the token back', async () => {
    const { vault, load, sources, audited } = await openSession(approle);
    await load([key]);
    vault.fake.sealed = true;
    await sources.close();
    expect(audited.at(-1)).toEqual(['vault_token_revoked', { who: ['vault'], outcome: 'failed' }]);
  });

  it('ends although Vault is silent, and what is under way comes to nothing', async () => {
    const { vault, load, sources, system, audited, reported } = await openSession(approle);
    await load([key]);
    vault.fake.breaks = 'silent';
    const loading = load([key, 'secret/other#key']);
    const closing = sources.close();
    await system.clock.advance(3_000);
    await closing;
    expect(audited).toContainEqual(['vault_token_revoked', { who: ['vault'], outcome: 'failed' }]);
    expect(await loading).toEqual(['the-secret', { problem: 'sonde ended before there was an answer', mayCome: true }]);
    expect(reported).toEqual([]);
    expect(system.clock.pending()).toBe(0);
  });

  it('goes on trying while connections break, for a token and for its renewal', async () => {
    const { vault, load, pass, look } = await openSession(approle, 60_000);
    vault.fake.login = { ttl: 300, renewable: true };
    vault.fake.breaks = true;
    await load([key]);
    vault.fake.breaks = false;
    await pass(61_000);
    expect(await look(key)).toEqual(['the-secret']);
    vault.fake.breaks = true;
    await pass(210_000);
    vault.fake.breaks = false;
    vault.news();
    await pass(25_000);
    expect(ofTokens(vault.news())).toEqual(['PUT auth/token/renew-self']);
  });

  it('leaves a token alone that was given to it', async () => {
    const { vault, load, sources } = await openLab();
    vault.write('claude', { key: 'the-secret' });
    await load([key]);
    vault.news();
    await sources.close();
    expect(vault.news()).toEqual([]);
  });
});

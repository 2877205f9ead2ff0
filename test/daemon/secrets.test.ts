import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSystem } from '../../src/system/system.ts';
import { startIssuer } from '../lab/issuer.ts';
import { startFakeVault } from '../secrets/fake-vault.ts';
import { type RunningDaemon, runDaemon } from '../support/running-daemon.ts';
import { startTarget } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A guard only: the daemon looks at its secrets every 2 s. */
const patience = { timeout: 30_000, interval: 50 };

async function scene() {
  const system = createSystem();
  const vault = await startFakeVault(system.clock);
  const folder = await temporaryFolder();
  const tokenFile = join(folder, 'vault-token');
  await writeFile(tokenFile, `${vault.issue({ ttl: 0 })}\n`);
  const target = await startTarget();
  const section = `vault:\n  address: ${vault.address}\n  auth:\n    token: \${file:${tokenFile}}\n  every: 1s\n`;
  const check = (name: string, reference: string) =>
    `  ${name}:\n    every: 100ms\n    http:\n      url: ${target.origin}\n      headers:\n        x-key: ${reference}\n`;
  return { system, vault, folder, target, section, check };
}

const keyRef = `\${vault:secret/api#key}`;

const stateOf = async (daemon: RunningDaemon, kind: 'checks' | 'tokens', name: string) =>
  JSON.parse((await daemon.get(`/api/v1/${kind}`)).body)[kind].find((each: { name: string }) => each.name === name);

const standings = async (daemon: RunningDaemon) => JSON.parse((await daemon.get('/api/v1/secrets')).body).secrets;

const linesOf = (daemon: RunningDaemon, event: string) =>
  daemon.log.lines.filter(({ fields }) => fields.audit === true && fields.event === event);

describe('a daemon with secrets of a fake Vault', () => {
  it('runs although Vault is sealed, says what waits for what, and is whole once it is unsealed', async () => {
    const { vault, target, section, check } = await scene();
    const issuer = await startIssuer();
    onTestFinished(issuer.close);
    vault.fake.sealed = true;
    vault.write('api', { key: 'key-of-the-vault' });
    vault.write('claude', { client_secret: issuer.clientSecret('lab-service') });
    const secretRef = `\${vault:secret/claude#client_secret}`;
    const daemon = await runDaemon(
      [
        section,
        'tokens:\n  lab:\n',
        `    issuer: ${issuer.origin}\n    grant: client_credentials\n    client_id: lab-service\n`,
        `    client_secret: ${secretRef}\n`,
        'checks:\n',
        check('keyed', keyRef),
        `  bare:\n    every: 100ms\n    http: ${target.origin}\n`,
        `  with-token:\n    every: 100ms\n    token: lab\n    http: ${target.origin}\n`,
      ].join(''),
    );
    await vi.waitFor(async () => {
      expect(await stateOf(daemon, 'checks', 'bare')).toMatchObject({ state: 'passing' });
      expect(await stateOf(daemon, 'checks', 'keyed')).toMatchObject({
        state: 'failing',
        cause: {
          code: 'secret_unavailable',
          detail: expect.stringContaining('Vault is sealed (503: Vault is sealed)'),
        },
      });
      expect(await stateOf(daemon, 'tokens', 'lab')).toMatchObject({
        last_run: { cause: { code: 'secret_unavailable', evidence: { reference: secretRef } } },
      });
    }, patience);
    expect(await standings(daemon)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ reference: secretRef, users: ['tokens.lab'], state: 'missing' }),
        expect.objectContaining({ reference: keyRef, users: ['checks.keyed'], state: 'missing' }),
      ]),
    );
    expect((await daemon.get('/')).body).toContain('aria-label="Secrets"');
    expect(await daemon.metrics('sonde_secret_available{reference="${vault')).toEqual([
      `sonde_secret_available{reference="${secretRef}"} 0`,
      `sonde_secret_available{reference="${keyRef}"} 0`,
    ]);
    expect(daemon.log.lines.filter(({ fields }) => fields.secret === keyRef)).toMatchObject([
      { level: 'error', fields: { cause: 'secret_unavailable', state: 'missing' } },
    ]);

    vault.fake.sealed = false;
    await vi.waitFor(async () => {
      expect(await stateOf(daemon, 'checks', 'keyed')).toMatchObject({ state: 'passing' });
      expect(await stateOf(daemon, 'checks', 'with-token')).toMatchObject({ state: 'passing' });
      expect(await stateOf(daemon, 'tokens', 'lab')).toMatchObject({ state: 'live' });
    }, patience);
    expect(await daemon.metrics(`sonde_secret_available{reference="${keyRef}"`)).toEqual([
      `sonde_secret_available{reference="${keyRef}"} 1`,
    ]);
    expect(target.requests.some(({ headers }) => headers['x-key'] === 'key-of-the-vault')).toBe(true);
    await daemon.log.line(({ message }) => message === `secret ${keyRef} can be had again`);
    expect(JSON.stringify(daemon.log.lines)).not.toContain('key-of-the-vault');
  }, 60_000);

  it('sends a key that has changed without a restart, and goes on with the last one while Vault is away', async () => {
    const { vault, target, section, check } = await scene();
    vault.write('api', { key: 'first-key-of-all' });
    const daemon = await runDaemon(`${section}checks:\n${check('keyed', keyRef)}`);
    const sent = (key: string) =>
      vi.waitFor(() => expect(target.requests.at(-1)?.headers['x-key']).toBe(key), patience);
    await sent('first-key-of-all');
    vault.write('api', { key: 'second-key-of-all' });
    await sent('second-key-of-all');
    vault.answerAlways([503, { errors: ['Vault is sealed'] }]);
    await daemon.log.line(({ fields }) => fields.secret === keyRef && fields.state === 'stale');
    expect(await daemon.reload()).toMatchObject({ successful: true });
    const before = target.requests.length;
    await vi.waitFor(() => expect(target.requests.length).toBeGreaterThan(before + 2), patience);
    expect(target.requests.at(-1)?.headers['x-key']).toBe('second-key-of-all');
    expect(await stateOf(daemon, 'checks', 'keyed')).toMatchObject({ state: 'passing' });
    const everything = JSON.stringify(daemon.log.lines) + (await daemon.get('/')).body;
    expect(everything).not.toMatch(/(first|second)-key/);
  }, 60_000);

  it('keeps a lease over a reload, and audits reloads and requests', async () => {
    const { vault, section, check } = await scene();
    vault.fake.lease = { ttl: 3600 };
    const lease = `\${vault:database/creds/app#password}`;
    const daemon = await runDaemon(`${section}checks:\n${check('lent', lease)}`);
    const { body } = await daemon.get('/api/v1/secrets');
    await daemon.reload();
    expect(vault.asked.filter(({ what }) => what.includes('creds/app'))).toHaveLength(2);
    expect(JSON.parse(body).secrets[1]).toMatchObject({ lease_ends_at: expect.any(String) });
    expect(linesOf(daemon, 'vault_read')).toMatchObject([
      { level: 'info', fields: { who: ['checks.lent'], references: [lease], outcome: 'done' } },
    ]);
    expect(linesOf(daemon, 'reload')).toMatchObject([{ fields: { who: ['a signal'], outcome: 'done' } }]);
  });

  it('goes on without a file that has gone, and says which secret it was', async () => {
    const { folder, target, check } = await scene();
    const path = join(folder, 'key');
    await writeFile(path, 'key-of-a-file');
    const reference = `\${file:${path}}`;
    const daemon = await runDaemon(`checks:\n${check('keyed', reference)}`);
    await vi.waitFor(() => expect(target.requests.length).toBeGreaterThan(0), patience);
    await rename(path, `${path}.gone`);
    await daemon.log.line(({ level, fields }) => level === 'error' && fields.secret === reference);
    expect(await daemon.metrics('sonde_secret_available')).toEqual([
      `sonde_secret_available{reference="${reference}"} 0`,
    ]);
    const before = target.requests.length;
    await vi.waitFor(() => expect(target.requests.length).toBeGreaterThan(before + 2), patience);
    expect(target.requests.at(-1)?.headers['x-key']).toBe('key-of-a-file');
    await rename(`${path}.gone`, path);
    await daemon.log.line(({ message }) => message === `secret ${reference} can be had again`);
  }, 60_000);

  it('rotates all other secrets while one has a value that cannot be sent, and says which', async () => {
    const { vault, folder, target, section, check } = await scene();
    const path = join(folder, 'key');
    await writeFile(path, 'file-key-one');
    vault.write('api', { key: 'good-key-one' });
    vault.write('two', { key: 'other-key-one' });
    const checks = `${check('bad', keyRef)}${check('other', `\${vault:secret/two#key}`)}${check('filed', `\${file:${path}}`)}`;
    // No more than the budget of their one host allows.
    const daemon = await runDaemon(`${section}checks:\n${checks.replaceAll('100ms', '1s')}`);
    const sent = (...keys: string[]) =>
      vi.waitFor(() => {
        const last = target.requests.slice(-6).map(({ headers }) => headers['x-key']);
        expect([...new Set(last)].sort()).toEqual(keys.sort());
      }, patience);
    vault.write('api', { key: 'bad\nkey-two' });
    await daemon.log.line(({ fields }) => fields.secret === keyRef && fields.cause === 'secret_unavailable');
    vault.write('two', { key: 'other-key-two' });
    await sent('good-key-one', 'other-key-two', 'file-key-one');
    await rename(path, `${path}.gone`);
    await daemon.log.line(({ fields }) => fields.secret === `\${file:${path}}` && fields.state === 'stale');
    vault.write('two', { key: 'other-key-three' });
    await sent('good-key-one', 'other-key-three', 'file-key-one');
    expect(await daemon.reload()).toMatchObject({ successful: true });
    const stale = (await standings(daemon)).filter(({ state }: { state: string }) => state === 'stale');
    expect(stale.map(({ cause }: { cause: { evidence: object } }) => cause.evidence)).toMatchObject([
      { reason: 'file' },
      { reason: 'unusable' },
    ]);
    // Nothing has changed since, so nothing is loaded anew.
    const reloads = linesOf(daemon, 'reload').length;
    const before = target.requests.length;
    vault.write('api', { key: 'good-key-three' });
    await sent('good-key-three', 'other-key-three', 'file-key-one');
    expect(linesOf(daemon, 'reload')).toHaveLength(reloads + 1);
    expect(target.requests.length).toBeGreaterThan(before);
    expect(JSON.stringify(daemon.log.lines)).not.toMatch(/key-(one|two|three)/);
  }, 90_000);

  it('says of a secret that has changed that it waits for a configuration that loads', async () => {
    const { vault, target, section, check } = await scene();
    vault.write('api', { key: 'first-key-of-all' });
    const yaml = `${section}checks:\n${check('keyed', keyRef)}`;
    const daemon = await runDaemon(yaml);
    await daemon.rewrite(`${yaml}  slip:\n    htp: x\n`);
    await daemon.log.line(({ message }) => message.startsWith('the configuration is wrong'));
    expect(await standings(daemon)).toContainEqual(expect.objectContaining({ reference: keyRef, state: 'current' }));
    vault.write('api', { key: 'second-key-of-all' });
    await daemon.log.line(({ fields }) => fields.secret === keyRef && fields.state === 'stale');
    expect(await standings(daemon)).toContainEqual(
      expect.objectContaining({
        reference: keyRef,
        cause: expect.objectContaining({ evidence: { reference: keyRef, reason: 'not_loaded' } }),
      }),
    );
    await daemon.rewrite(yaml);
    await vi.waitFor(() => expect(target.requests.at(-1)?.headers['x-key']).toBe('second-key-of-all'), patience);
    await daemon.log.line(({ message }) => message === `secret ${keyRef} can be had again`);
  }, 60_000);

  it('makes one reload of those that wait, and stops at once while Vault is silent', async () => {
    const { vault, section, check } = await scene();
    vault.write('api', { key: 'first-key-of-all' });
    const daemon = await runDaemon(`${section}  timeout: 10m\nchecks:\n${check('keyed', keyRef)}`);
    await Promise.all([1, 2, 3, 4, 5].map(() => daemon.reload()));
    expect(linesOf(daemon, 'reload')).toHaveLength(1);
    vault.fake.breaks = 'silent';
    const first = daemon.reload();
    await new Promise((resolve) => setImmediate(resolve));
    const others = [1, 2, 3].map(() => daemon.reload());
    await daemon.stop();
    await Promise.all([first, ...others]);
    expect(linesOf(daemon, 'reload')).toHaveLength(2);
  });

  it('gives back at its end what Vault lent it', async () => {
    const { vault, section, check } = await scene();
    vault.write('api', { key: 'key-of-the-vault' });
    const logIn = section.replace(
      /token: .*\n/,
      `approle:\n      role_id: role-of-sonde\n      secret_id: fake-secret-id-000001\n`,
    );
    const daemon = await runDaemon(`allow_plaintext_secrets: true\n${logIn}checks:\n${check('keyed', keyRef)}`);
    expect(vault.tokens.size).toBe(2);
    await daemon.stop();
    expect(vault.tokens.size).toBe(1);
  });
});

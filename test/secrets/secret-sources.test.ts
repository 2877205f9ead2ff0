import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import { createLocalSources } from '../../src/secrets/local-sources.ts';
import { createFolder } from '../support/load-text.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';
import { startFakeVault } from './fake-vault.ts';
import { openLab, refer, useOf } from './vault-lab.ts';

const key = 'secret/claude#client_secret';

describe('the sources of secrets', () => {
  it('keep the last good value of a key that has gone, and of a path that has', async () => {
    const { vault, load, look, reported, pass } = await openLab();
    vault.write('claude', { client_secret: 'first-secret' });
    await load([key]);
    vault.write('claude', { id: 'client' });
    expect(await load([key])).toEqual(['first-secret']);
    expect(reported.map(({ state, cause }) => [state, cause?.evidence.reason])).toEqual([['stale', 'key_absent']]);
    vault.write('claude', null);
    await pass(301_000);
    expect(await look(key)).toEqual(['first-secret']);
    expect(reported.at(-1)).toMatchObject({ state: 'stale', cause: { evidence: { reason: 'path_absent' } } });
  });

  it('report a trouble once, another one again, and that it is over', async () => {
    const { vault, load, pass, reported, sources } = await openLab();
    vault.fake.sealed = true;
    await load([key]);
    await pass(120_000);
    vault.answerAlways([500, { errors: [] }]);
    await pass(61_000);
    vault.answerAlways();
    vault.fake.sealed = false;
    vault.write('claude', { client_secret: 'first-secret' });
    await pass(61_000);
    expect(reported.map(({ state, cause }) => [state, cause?.evidence.reason])).toEqual([
      ['missing', 'sealed'],
      ['missing', 'failing'],
      ['current', undefined],
    ]);
    const [{ failures, readAtMs } = { failures: {} }] = sources.standings();
    expect(failures.sealed).toBeGreaterThan(3);
    expect(readAtMs).toBeGreaterThan(Date.UTC(2026, 0, 1));
  });

  it('hide each value before it can be used, and the tokens of Vault', async () => {
    const { vault, load, masker, definition } = await openLab();
    vault.write('claude', { client_secret: 'first-secret', other: 'production' });
    const approle = {
      method: 'approle',
      mount: 'approle',
      roleId: new Secret('role-of-sonde'),
      secretId: new Secret('fake-secret-id-000001'),
    } as const;
    await load([key], { ...definition, auth: approle });
    const [, token] = [...vault.tokens.keys()];
    expect(masker.mask(`first-secret ${token}`)).toBe('[secret] [secret]');
    // Values that nobody refers to may be common words.
    expect(masker.mask('production')).toBe('production');
    vault.write('claude', { client_secret: 'second-secret' });
    await load([key], { ...definition, auth: approle });
    expect(masker.mask('first-secret second-secret')).toBe('[secret] [secret]');
  });

  it('audit who gets which reference, and each request that brings one, and no look', async () => {
    const folder = await createFolder({ key: 'of-a-file' });
    const { vault, system, sources, audited, definition, look } = await openLab();
    vault.write('claude', { client_secret: 'first-secret' });
    vault.fake.lease = { ttl: 60 };
    system.environmentVariables.set('KEY', 'of-a-variable');
    const file = `\${file:${join(folder, 'key')}}`;
    await sources.resolve(
      [
        useOf(`\${env:KEY}`, 'checks.a'),
        useOf(`\${env:NONE}`, 'checks.a'),
        useOf(file, 'tokens.b'),
        useOf(refer(key), 'tokens.b', 'checks.a'),
        useOf(refer('secret/claude#none'), 'tokens.c'),
      ],
      definition,
    );
    expect(audited).toEqual([
      [
        'vault_read',
        {
          who: ['tokens.b', 'checks.a', 'tokens.c'],
          references: [refer(key), refer('secret/claude#none')],
          outcome: 'done',
        },
      ],
      ['secret_read', { who: ['checks.a'], references: [`\${env:KEY}`], outcome: 'done' }],
      ['secret_read', { who: ['checks.a'], references: [`\${env:NONE}`], outcome: 'failed', detail: 'is not set' }],
      ['secret_read', { who: ['tokens.b'], references: [file], outcome: 'done' }],
      ['secret_read', { who: ['tokens.b', 'checks.a'], references: [refer(key)], outcome: 'done' }],
      ['secret_read', expect.objectContaining({ who: ['tokens.c'], outcome: 'failed' })],
    ]);
    audited.splice(0);
    await look(key);
    expect(audited).toEqual([]);
    expect(JSON.stringify(audited)).not.toContain('first-secret');
  });

  it('tell of a file that has gone or is empty, and when it is back', async () => {
    const folder = await createFolder({ key: 'of-a-file' });
    const path = join(folder, 'key');
    const { load, reported, sources } = await openLab();
    const file = `\${file:${path}}`;
    expect(await load([file])).toEqual(['of-a-file']);
    expect(reported).toEqual([]);
    await writeFile(path, '\n');
    await load([file]);
    await rm(path);
    expect(await load([file])).toEqual(['of-a-file']);
    expect(sources.standings()).toMatchObject([
      {
        reference: file,
        state: 'stale',
        cause: {
          detail: `${file} cannot be had: the file is not there; put it back, with something in it that sonde may read. The last good value goes on being used`,
        },
        readAtMs: expect.any(Number),
        failures: { file: 2 },
      },
    ]);
    await writeFile(path, 'of-a-file');
    await load([file]);
    expect(reported.map(({ state }) => state)).toEqual(['stale', 'current']);
  });

  it('go on with the Vault of the configuration that runs when another one is refused', async () => {
    const { vault, system, load, sources, definition, pass } = await openLab();
    vault.write('claude', { client_secret: 'of-the-first' });
    await load([key]);
    sources.adopt(await sources.look([useOf(refer(key)).reference]));
    const other = await startFakeVault(system.clock);
    other.issue({ ttl: 0 }, [...vault.tokens.keys()][0]);
    other.write('claude', { client_secret: 'of-the-other' });
    const moved = { ...definition, address: other.address };
    expect(await load([key], moved)).toEqual(['of-the-other']);
    // That configuration was refused for some other reason; a third one comes before it is mended.
    const third = await startFakeVault(system.clock);
    await load([key], { ...definition, address: third.address });
    vault.news();
    other.news();
    await pass(301_000);
    expect(vault.news()).toEqual(['GET secret/data/claude']);
    expect(other.news()).toEqual([]);
    expect(await load([key], moved)).toEqual(['of-the-other']);
    sources.adopt(await sources.look([useOf(refer(key)).reference]));
    vault.news();
    await pass(301_000);
    expect(vault.news()).toEqual([]);
  });

  it('tell how the Vault that runs stands after another one was refused', async () => {
    const { vault, system, load, look, sources, definition, pass, reported } = await openLab();
    vault.write('claude', { client_secret: 'of-the-first' });
    await load([key]);
    sources.adopt(await sources.look([useOf(refer(key)).reference]));
    const other = await startFakeVault(system.clock);
    other.fake.sealed = true;
    await load([key], { ...definition, address: other.address });
    sources.refused();
    expect(reported).toEqual([]);
    expect(sources.standings()).toMatchObject([{ state: 'current' }]);
    // What the refused one waits for is of the other.
    expect(await look(key)).toMatchObject([{ mayCome: true }]);
    vault.write('claude', { client_secret: 'of-the-first-anew' });
    await pass(301_000);
    expect(sources.standings()).toMatchObject([{ state: 'stale', cause: { evidence: { reason: 'not_loaded' } } }]);
    vault.fake.sealed = true;
    await pass(301_000);
    expect(reported.map(({ cause }) => cause?.evidence.reason)).toEqual(['not_loaded', 'sealed']);
  });

  it('hold on to what runs where the new value was rejected, both keys of one path together', async () => {
    const { vault, system, sources, load, look } = await openLab();
    vault.fake.sealed = true;
    const user = 'secret/claude#user';
    system.environmentVariables.set('KEY', 'of-a-variable');
    const references = [refer(key), refer(user), `\${env:KEY}`].map((text) => useOf(text).reference);
    await load([key, user, `\${env:KEY}`]);
    sources.adopt(await sources.look(references));
    expect(sources.changed()).toEqual([]);
    vault.fake.sealed = false;
    vault.write('claude', { client_secret: 'first-secret', user: 'first-user' });
    await load([key, user, `\${env:KEY}`]);
    expect(sources.changed()).toEqual([[refer(key), refer(user)]]);
    const uses = [key, user, 'secret/other#new'].map((name) => useOf(refer(name)));
    const withheld = await sources.withholding(new Set([refer(key)])).resolve(uses, undefined);
    expect([...withheld.values()]).toMatchObject([
      { problem: expect.stringContaining('Vault is sealed') },
      { value: 'first-user' },
      { problem: 'it came while the configuration was read' },
    ]);
    sources.reject([refer(key), refer(user)], 'a line break');
    expect(sources.standings()).toMatchObject([
      {
        state: 'missing',
        cause: {
          detail: `${refer(key)} cannot be had: its new value cannot be used: a line break; write one that can`,
        },
        failures: { unusable: 1 },
      },
      { state: 'missing' },
    ]);
    expect(await look(key, user)).toMatchObject([{ mayCome: true }, { mayCome: true }]);
    vault.write('claude', { client_secret: 'second-secret', user: 'first-user' });
    expect(await load([key])).toEqual(['second-secret']);
    expect(await look(key)).toEqual(['second-secret']);
  });

  it('forget what the configuration names no more, and look at variables and files each time', async () => {
    const folder = await createFolder({ key: 'of-a-file' });
    const file = `\${file:${join(folder, 'key')}}`;
    const { vault, system, sources, load, pass } = await openLab();
    vault.write('claude', { client_secret: 'first-secret' });
    vault.write('other', { k: 'other-secret' });
    await load([key, 'secret/other#k', file]);
    sources.adopt(await sources.look([refer(key), file].map((text) => useOf(text).reference)));
    expect(sources.standings().map(({ reference }) => reference)).toEqual([file, refer(key)]);
    vault.news();
    await pass(301_000);
    expect(vault.news()).toEqual(['GET secret/data/claude']);
    await writeFile(join(folder, 'key'), 'of-another-file');
    system.environmentVariables.set('KEY', 'of-a-variable');
    const looked = await sources.look([file, refer(key), `\${env:KEY}`].map((text) => useOf(text).reference));
    expect([...looked]).toEqual([
      [file, { value: 'of-another-file' }],
      [refer(key), { value: 'first-secret' }],
      [`\${env:KEY}`, { value: 'of-a-variable' }],
    ]);
  });

  it('say that a reference waits for a section vault that has mistakes', async () => {
    const { sources } = await openLab();
    const found = await sources.resolve([useOf(refer(key))], undefined);
    expect([...found.values()]).toEqual([{ problem: 'the section vault has mistakes', mayCome: true }]);
  });

  it('begin to follow a key that a load names of a path that is known', async () => {
    const { vault, load } = await openLab();
    vault.fake.lease = { ttl: 3600 };
    await load(['database/creds/app#username']);
    const [name, word] = await load(['database/creds/app#username', 'database/creds/app#password']);
    expect(word).toBe(`fake-password-${/\d+/.exec(String(name))?.[0]}-xyz`);
  });
});

describe('local sources', () => {
  it('read variables and files, and ask no Vault', async () => {
    const system = createVirtualSystem();
    system.environmentVariables.set('KEY', 'of-a-variable');
    const found = await createLocalSources(system).resolve([useOf(`\${env:KEY}`), useOf(refer(key))], undefined);
    expect([...found.values()]).toEqual([
      { value: 'of-a-variable' },
      { problem: 'Vault is asked by run and once, not here', mayCome: true },
    ]);
  });
});

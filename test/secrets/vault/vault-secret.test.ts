import { describe, expect, it } from 'vitest';
import { openLab } from '../vault-lab.ts';

const key = 'secret/claude#client_secret';

describe('secrets of a fake Vault', () => {
  it('are read from both versions of the key-value engine, each path once for all its keys', async () => {
    const { vault, load, look } = await openLab();
    vault.write('claude', { client_secret: 'first-secret', id: 'first-client', port: 8080, jwk: { kty: 'EC' } });
    vault.writeOld('team/claude', { key: 'old-secret' });
    const names = [key, 'secret/claude#id', 'secret/claude#port', 'secret/claude#jwk', 'old/team/claude#key'];
    expect(await load(names)).toEqual(['first-secret', 'first-client', '8080', '{"kty":"EC"}', 'old-secret']);
    expect(vault.news().sort()).toEqual([
      'GET auth/token/lookup-self',
      'GET old/team/claude',
      'GET secret/data/claude',
      'GET sys/internal/ui/mounts/old/team/claude',
      'GET sys/internal/ui/mounts/secret/claude',
    ]);
    expect(await look(key)).toEqual(['first-secret']);
    expect(vault.news()).toEqual([]);
  });

  it('are as they were written: numbers with all their digits, text without its one line break at the end', async () => {
    const { vault, load } = await openLab();
    const data =
      '"id":12345678901234567890,"rate":1.10,"port":8080,"on":true,"nested":{"n":1e2},"text":"line\\n\\r\\n"';
    await load(['old/api#id']);
    vault.answerAlways([200, `{"lease_id":"","lease_duration":2764800.0,"renewable":false,"data":{${data}}}`]);
    expect(await load(['id', 'rate', 'port', 'on', 'nested', 'text'].map((name) => `old/api#${name}`))).toEqual([
      '12345678901234567890',
      '1.10',
      '8080',
      'true',
      '{"n":1e2}',
      'line\n',
    ]);
  });

  it('are read again every so often, and at a load, without asking for the mount again', async () => {
    const { vault, load, look, pass } = await openLab({ everyMs: 60_000 });
    vault.write('claude', { client_secret: 'first-secret' });
    await load([key]);
    vault.write('claude', { client_secret: 'second-secret' });
    vault.news();
    await pass(59_000);
    expect(vault.news()).toEqual([]);
    await pass(2_000);
    expect(vault.news()).toEqual(['GET secret/data/claude']);
    expect(await look(key)).toEqual(['second-secret']);
    vault.write('claude', { client_secret: 'third-secret' });
    expect(await load([key])).toEqual(['third-secret']);
    expect(vault.news()).toEqual(['GET secret/data/claude']);
  });

  it('are asked for with the headers that Vault wants: its own, the namespace, and who asks', async () => {
    const { vault, load } = await openLab({ namespace: 'team-a' });
    vault.fake.namespace = 'team-a';
    vault.write('a b/ü', { k: 'the-value' });
    expect(await load(['secret/a b/ü#k'])).toEqual(['the-value']);
    expect(vault.asked.at(-1)).toMatchObject({
      what: 'GET secret/data/a%20b/%C3%BC',
      headers: { 'x-vault-request': 'true', 'x-vault-namespace': 'team-a', 'user-agent': 'sonde/test' },
    });
    expect(vault.asked.at(-1)?.headers).not.toHaveProperty('traceparent');
  });

  it('are found by trying where the token may not ask for the mount, and that is said', async () => {
    const { vault, load, warnings } = await openLab();
    vault.fake.tellsMounts = false;
    vault.write('claude', { client_secret: 'of-version-two' });
    vault.writeOld('claude', { key: 'of-version-one' });
    expect(await load([key, 'old/claude#key'])).toEqual(['of-version-two', 'of-version-one']);
    expect(warnings.sort()).toEqual([
      'Vault does not tell how old/claude is stored (its token may not ask for the mount); it was read as it stands',
      'Vault does not tell how secret/claude is stored (its token may not ask for the mount); it was read as version 2',
    ]);
    vault.news();
    await load([key]);
    expect(vault.news()).toEqual(['GET secret/data/claude']);
    expect(await load(['secret/other#key', 'else/where#key'])).toMatchObject([
      { problem: expect.stringContaining('there is nothing at secret/other in Vault') },
      { problem: expect.stringContaining('there is nothing at else/where in Vault') },
    ]);
  });

  it('are of version 1 on a server that is too old to tell', async () => {
    const { vault, load } = await openLab();
    vault.fake.knowsMounts = false;
    vault.writeOld('claude', { key: 'old-secret' });
    expect(await load(['old/claude#key'])).toEqual(['old-secret']);
  });

  it('are found below a mount that Vault names with its namespace before it', async () => {
    const { vault, load } = await openLab();
    vault.fake.mountPrefix = 'team-a/';
    vault.write('claude', { client_secret: 'first-secret' });
    expect(await load([key])).toEqual(['first-secret']);
    vault.fake.mountPrefix = 'nothing/like-';
    expect(await load(['secret/other#key'])).toMatchObject([{ mayCome: true }]);
  });

  it('that are numbers, truth values or lists are texts; null is none', async () => {
    const { vault, load } = await openLab();
    vault.write('odd', { truth: true, list: [1], none: null, empty: '' });
    expect(await load(['secret/odd#truth', 'secret/odd#list'])).toEqual(['true', '[1]']);
    expect(await load(['secret/odd#none', 'secret/odd#empty', 'secret/odd#absent'])).toMatchObject([
      { problem: 'secret/odd has no key none in Vault; write it, or name a key that is there: truth, list, empty' },
      {
        problem:
          'the key empty of secret/odd is empty in Vault; write it, or name a key that is there: truth, list, empty',
      },
      { problem: 'secret/odd has no key absent in Vault; write it, or name a key that is there: truth, list, empty' },
    ]);
    vault.write('bare', {});
    expect(await load(['secret/bare#k'])).toMatchObject([{ problem: 'secret/bare has no key k in Vault; write it' }]);
  });
});

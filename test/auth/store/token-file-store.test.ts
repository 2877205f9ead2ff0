import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenFileStore } from '../../../src/auth/store/token-file-store.ts';
import { createTokenMemoryStore } from '../../../src/auth/store/token-memory-store.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { StateEncryption } from '../../../src/model/state-encryption.ts';
import { type StoredToken, TokenStoreError } from '../../../src/model/token.ts';
import { createSystem, type System } from '../../../src/system/system.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const system = createSystem();
const full: StoredToken = {
  seedFingerprint: 'a1',
  spentSeeds: ['a0', 'a1'],
  askFingerprint: 'b1',
  refreshToken: new Secret('rt'),
  spending: 'c1',
  spendingSinceMs: 4,
  rotates: true,
  loggedInAtMs: 5,
  loggedOutAtMs: 6,
  dpopKey: new Secret('jwk'),
  usedCodes: ['d1'],
  accessToken: new Secret('at'),
  obtainedAtMs: 1,
  expiresAtMs: 2,
  scopes: ['x'],
  generation: 3,
};

describe('the token store in a file', () => {
  it('keeps what it was given over a restart', async () => {
    const folder = await temporaryFolder();
    await createTokenFileStore(system, folder).write('claude', full);
    const found = await createTokenFileStore(system, folder).read('claude');
    expect(found).toEqual(full);
    expect(found?.refreshToken?.reveal()).toBe('rt');
    expect(found?.accessToken?.reveal()).toBe('at');
    expect(found?.dpopKey?.reveal()).toBe('jwk');
  });

  it('keeps tokens of any name apart, also the names that objects have of themselves', async () => {
    const folder = await temporaryFolder();
    const names = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('__proto__', 'constructor', 'toString'));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(names, { minLength: 1, maxLength: 4 }), async (tokens) => {
        const store = createTokenFileStore(system, folder);
        await Promise.all(tokens.map((token, generation) => store.write(token, { generation })));
        const reopened = createTokenFileStore(system, folder);
        for (const [generation, token] of tokens.entries()) expect(await reopened.read(token)).toEqual({ generation });
      }),
      { numRuns: 15 },
    );
  });

  it('loses no write among many at once', async () => {
    const folder = await temporaryFolder();
    const store = createTokenFileStore(system, folder);
    const tokens = Array.from({ length: 20 }, (_, index) => `t${index}`);
    await Promise.all(tokens.map((token) => store.write(token, { generation: 7 })));
    const reopened = createTokenFileStore(system, folder);
    for (const token of tokens) expect(await reopened.read(token)).toEqual({ generation: 7 });
  });

  it('is for the owner alone, in a folder for the owner alone, and leaves nothing beside it', async () => {
    const folder = join(await temporaryFolder(), 'deep', 'state');
    await createTokenFileStore(system, folder).write('claude', full);
    expect((await stat(join(folder, 'tokens.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readdir(folder)).toEqual(['tokens.json']);
  });

  it('takes away from others what its mode has let them read, when it is opened', async () => {
    const folder = await temporaryFolder();
    await createTokenFileStore(system, folder).write('claude', full);
    await chmod(join(folder, 'tokens.json'), 0o644);
    expect(await createTokenFileStore(system, folder).read('claude')).toEqual(full);
    expect((await stat(join(folder, 'tokens.json'))).mode & 0o777).toBe(0o600);
  });

  it('removes what a process that was killed while it wrote has left behind, and nothing else', async () => {
    const folder = await temporaryFolder();
    await createTokenFileStore(system, folder).write('claude', full);
    await writeFile(join(folder, '.tokens.json.4711.new'), '{"form');
    for (const name of ['.tokens.json.new', '.tokens.json.x.new', 'atokens.json.1.new', '.other.json.1.new'])
      await writeFile(join(folder, name), '');
    expect(await createTokenFileStore(system, folder).read('claude')).toEqual(full);
    expect(await readdir(folder)).toEqual([
      '.other.json.1.new',
      '.tokens.json.new',
      '.tokens.json.x.new',
      'atokens.json.1.new',
      'tokens.json',
    ]);
  });

  it('knows nothing of a token that was never stored', async () => {
    expect(await createTokenFileStore(system, await temporaryFolder()).read('claude')).toBeUndefined();
  });
});

describe.each([
  ['in a file', async () => createTokenFileStore(system, await temporaryFolder())],
  ['in memory', async () => createTokenMemoryStore(system.random)],
])('a token store %s', (_where, create) => {
  it('lets one after another through for the same refresh token, also after one that failed, and others beside it', async () => {
    const store = await create();
    const steps: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = store.alone('a', async () => {
      await gate.promise;
      steps.push('first');
      throw new Error('lost');
    });
    const second = store.alone('a', async () => steps.push('second'));
    await store.alone('b', async () => steps.push('beside'));
    gate.resolve();
    await expect(first).rejects.toThrow('lost');
    expect(await second).toBe(3);
    expect(await store.alone('a', async () => 'later')).toBe('later');
    expect(steps).toEqual(['beside', 'first', 'second']);
  });
});

describe('a fingerprint', () => {
  it('is the same over a restart, for the same text alone, and only with the same key', async () => {
    const [folder, other] = [await temporaryFolder(), await temporaryFolder()];
    const first = await createTokenFileStore(system, folder).fingerprint(new Secret('rt'));
    expect(await createTokenFileStore(system, folder).fingerprint(new Secret('rt'))).toBe(first);
    expect(await createTokenFileStore(system, folder).fingerprint(new Secret('rt2'))).not.toBe(first);
    expect(await createTokenFileStore(system, other).fingerprint(new Secret('rt'))).not.toBe(first);
  });

  it('is made in memory too', async () => {
    const store = createTokenMemoryStore(system.random);
    expect(await store.fingerprint(new Secret('rt'))).toBe(await store.fingerprint(new Secret('rt')));
    await store.write('claude', full);
    expect(await store.read('claude')).toBe(full);
    expect(await store.read('other')).toBeUndefined();
  });
});

describe('a token store that cannot be understood', () => {
  const key = Buffer.alloc(32).toString('base64');
  const file = (members: object) => JSON.stringify({ format: 1, fingerprintKey: key, tokens: [], ...members });

  it.each([
    ['cut short', '{"format":1,"tok', 'it is not a JSON object'],
    ['empty', '', 'it is not a JSON object'],
    ['of a later version', file({ format: 3 }), 'is of a format that this version of sonde does not know'],
    ['without its checksum', file({ format: 2 }), 'is damaged at sha256'],
    ['without its key', file({ fingerprintKey: undefined }), 'is damaged at fingerprintKey'],
    ['with a wrong entry', file({ tokens: [{ name: 'claude', generation: -1 }] }), 'is damaged at tokens.0.generation'],
    [
      'with a stranger in an entry',
      file({ tokens: [{ name: 'claude', generation: 1, x: 1 }] }),
      'is damaged at tokens.0',
    ],
  ])('because it is %s says so, and stays as it is', async (_why, text, words) => {
    const folder = await temporaryFolder();
    const path = join(folder, 'tokens.json');
    await writeFile(path, text);
    const store = createTokenFileStore(system, folder);
    const error = await store.read('claude').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TokenStoreError);
    expect(String(error)).toContain(words);
    expect(String(error)).toContain('It is left as it is');
    await expect(store.write('claude', full)).rejects.toThrow(TokenStoreError);
    await expect(store.fingerprint(new Secret('rt'))).rejects.toThrow(TokenStoreError);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('shows none of its secrets when it complains', async () => {
    const folder = await temporaryFolder();
    await writeFile(
      join(folder, 'tokens.json'),
      file({ tokens: [{ name: 'claude', refreshToken: 'hush', generation: 'x' }] }),
    );
    const error = await createTokenFileStore(system, folder)
      .read('claude')
      .catch((thrown: unknown) => thrown);
    expect(String(error)).not.toContain('hush');
  });

  it('is read again once it has been mended', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'tokens.json');
    await mkdir(path);
    const store = createTokenFileStore(system, folder);
    await expect(store.read('claude')).rejects.toThrow(`The token store ${path} cannot be read: EISDIR.`);
    await rm(path, { recursive: true });
    expect(await store.read('claude')).toBeUndefined();
  });
});

describe('a token store that cannot be written', () => {
  it('says so, and keeps what it had', async () => {
    const parent = await temporaryFolder();
    const folder = join(parent, 'state');
    const store = createTokenFileStore(system, folder);
    await store.write('claude', full);
    // The place of the file is taken by a folder that is not empty: a rename onto it fails for any user.
    const path = join(folder, 'tokens.json');
    await rm(path);
    await mkdir(join(path, 'in the way'), { recursive: true });
    await expect(store.write('claude', { generation: 9 })).rejects.toThrow('cannot be written');
    expect(await store.read('claude')).toEqual(full);
    await rm(path, { recursive: true });
    await store.write('other', { generation: 1 });
    expect(await createTokenFileStore(system, folder).read('claude')).toEqual(full);
  });

  it('tells of an error without a code in its own words', async () => {
    const files = { ...system.files, replace: () => Promise.reject(new Error('no space')) };
    const store = createTokenFileStore({ files, random: system.random }, await temporaryFolder());
    await expect(store.write('claude', full)).rejects.toThrow('cannot be written: Error: no space.');
  });
});

describe('a token store with keys', () => {
  const newKey = () => new Secret(randomBytes(32).toString('base64'));
  const keys = (key: Secret, ...oldKeys: Secret[]) => ({ key, oldKeys });
  const textIn = (folder: string) => readFile(join(folder, 'tokens.json'), 'utf8');
  const keyIdIn = async (folder: string) => JSON.parse(await textIn(folder)).keyId;
  /** A folder whose store holds `full`. */
  async function folderWith(encryption?: StateEncryption): Promise<string> {
    const folder = await temporaryFolder();
    await createTokenFileStore(system, folder, encryption).write('claude', full);
    return folder;
  }

  it('shows none of its secrets, nor whose they are', async () => {
    const text = await textIn(await folderWith(keys(newKey())));
    for (const word of ['claude', 'jwk', 'refreshToken', 'fingerprintKey', 'scopes']) expect(text).not.toContain(word);
  });

  it('encrypts at once what it finds in plain text, of the format before too, and fingerprints stay the same', async () => {
    const folder = await temporaryFolder();
    const first = {
      format: 1,
      fingerprintKey: Buffer.alloc(32).toString('base64'),
      tokens: [{ name: 'a', generation: 1 }],
    };
    await writeFile(join(folder, 'tokens.json'), JSON.stringify(first));
    const print = await createTokenFileStore(system, folder).fingerprint(new Secret('rt'));
    expect(await textIn(folder)).toContain('"sha256"');
    const encryption = keys(newKey());
    const store = createTokenFileStore(system, folder, encryption);
    expect(await store.read('a')).toEqual({ generation: 1 });
    expect(await textIn(folder)).not.toContain('generation');
    expect(await createTokenFileStore(system, folder, encryption).fingerprint(new Secret('rt'))).toBe(print);
  });

  it('reads what an old key has encrypted, and needs that key no more afterwards', async () => {
    const [old, fresh] = [newKey(), newKey()];
    const folder = await folderWith(keys(old));
    expect(await createTokenFileStore(system, folder, keys(fresh, newKey(), old)).read('claude')).toEqual(full);
    expect(await createTokenFileStore(system, folder, keys(fresh)).read('claude')).toEqual(full);
    await expect(createTokenFileStore(system, folder, keys(old)).read('claude')).rejects.toThrow(TokenStoreError);
  });

  it.each([
    ['no key', undefined, 'and the configuration has none'],
    ['other keys', keys(newKey(), newKey()), /and the configuration has [0-9a-f]{8}, [0-9a-f]{8}\. /],
  ])('is refused by who has %s, and stays as it is', async (_who, encryption, words) => {
    const folder = await folderWith(keys(newKey()));
    const text = await textIn(folder);
    const store = createTokenFileStore(system, folder, encryption);
    for (const call of [store.read('claude'), store.write('claude', full), store.fingerprint(new Secret('rt'))]) {
      await expect(call).rejects.toThrow(`is encrypted with the key ${await keyIdIn(folder)}`);
      await expect(call).rejects.toThrow(words);
      await expect(call).rejects.toThrow('name that key under `state_encryption`');
    }
    expect(await textIn(folder)).toBe(text);
  });

  it('is refused when it is damaged, and stays as it is', async () => {
    const encryption = keys(newKey());
    const folder = await folderWith(encryption);
    const { ciphertext, ...rest } = JSON.parse(await textIn(folder));
    const text = JSON.stringify({ ...rest, ciphertext: `AAAA${ciphertext.slice(4)}` });
    await writeFile(join(folder, 'tokens.json'), text);
    const store = createTokenFileStore(system, folder, encryption);
    await expect(store.read('claude')).rejects.toThrow(`it cannot be decrypted with its key ${rest.keyId}`);
    expect(await textIn(folder)).toBe(text);
  });

  it('takes another key over while it is open, and encrypts with it at once', async () => {
    const [old, fresh] = [newKey(), newKey()];
    const folder = await folderWith();
    const store = createTokenFileStore(system, folder);
    await store.read('claude');
    await store.useKeys(keys(old));
    const before = await keyIdIn(folder);
    await store.useKeys(keys(fresh, old));
    expect(await keyIdIn(folder)).not.toBe(before);
    await store.write('other', { generation: 1 });
    const reopened = createTokenFileStore(system, folder, keys(fresh));
    expect(await reopened.read('claude')).toEqual(full);
    expect(await reopened.read('other')).toEqual({ generation: 1 });
  });

  it('goes on with the keys of before when a start with the new ones would be refused', async () => {
    const old = keys(newKey());
    const folder = await folderWith(old);
    const store = createTokenFileStore(system, folder, old);
    await store.read('claude');
    await expect(store.useKeys(keys(newKey()))).rejects.toThrow('is encrypted with the key');
    await expect(store.useKeys(undefined)).rejects.toThrow('and the configuration has none');
    await store.write('other', { generation: 1 });
    expect(await createTokenFileStore(system, folder, old).read('other')).toEqual({ generation: 1 });
  });

  it('refuses keys that do not open its file, also before it could ever be opened', async () => {
    const [right, wrong] = [keys(newKey()), keys(newKey())];
    const folder = await folderWith(right);
    const store = createTokenFileStore(system, folder, wrong);
    await expect(store.read('claude')).rejects.toThrow('is encrypted with the key');
    await expect(store.useKeys(keys(newKey()))).rejects.toThrow('is encrypted with the key');
    await store.useKeys(right);
    expect(await store.read('claude')).toEqual(full);
  });

  it('goes on with the keys of before when a fake of a full disk refuses the new file', async () => {
    const [old, fresh] = [newKey(), newKey()];
    const folder = await folderWith(keys(old));
    let diskFull = false;
    const files: System['files'] = {
      ...system.files,
      replace: (...args) => (diskFull ? Promise.reject(new Error('no space')) : system.files.replace(...args)),
    };
    const store = createTokenFileStore({ files, random: system.random }, folder, keys(old));
    await store.read('claude');
    diskFull = true;
    await expect(store.useKeys(keys(fresh, old))).rejects.toThrow('cannot be written');
    diskFull = false;
    await store.write('other', { generation: 1 });
    expect(await createTokenFileStore(system, folder, keys(old)).read('other')).toEqual({ generation: 1 });
  });

  it('keeps what it holds when its file has gone before other keys come', async () => {
    const folder = await folderWith();
    const store = createTokenFileStore(system, folder);
    await store.read('claude');
    await rm(join(folder, 'tokens.json'));
    const encryption = keys(newKey());
    await store.useKeys(encryption);
    expect(await createTokenFileStore(system, folder, encryption).read('claude')).toEqual(full);
  });

  it('asks nothing of the disk for other keys before the store is needed', async () => {
    const folder = join(await temporaryFolder(), 'state');
    const store = createTokenFileStore(system, folder);
    await store.useKeys(keys(newKey()));
    await expect(stat(folder)).rejects.toThrow('ENOENT');
    await store.write('claude', full);
    expect(await keyIdIn(folder)).toMatch(/^[0-9a-f]{8}$/);
  });
});

import { describe, expect, it } from 'vitest';
import { parseVaultName } from '../../../src/secrets/vault/vault-name.ts';

describe('the name of a secret of Vault', () => {
  it('is a path, its mount included, and a key', () => {
    expect(parseVaultName('secret/claude#key')).toEqual({ path: 'secret/claude', key: 'key' });
    expect(parseVaultName('/team/a/kv/x.y/z#tls.key')).toEqual({ path: 'team/a/kv/x.y/z', key: 'tls.key' });
    expect(parseVaultName('secret/claude#a#b')).toEqual({ path: 'secret/claude', key: 'a#b' });
  });

  it.each([
    '',
    '#',
    'secret#key',
    'secret/#key',
    'secret/claude',
    'secret/claude#',
    'a//b#k',
    '//a/b#k',
    'a/../b#k',
    'a/b.#k',
    'a/\ud800x#k',
  ])('%j is none', (name) => {
    expect(parseVaultName(name)).toBeUndefined();
  });
});

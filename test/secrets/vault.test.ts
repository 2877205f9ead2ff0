import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import { openLab, refer } from './vault-lab.ts';

const key = 'secret/claude#client_secret';

describe('secrets of a fake Vault', () => {
  it('are read from both versions of the key-value engine, each path once for all its keys', async () => {
    const { vault, load, look } = await openLab();
    vault.write('claude', { client_secret: 'first-secret', id: 'first-client', port: 8080, jwk: { kty: 'EC' } });
    vault.writeOld('team/claude', { key: 'old-secret' });
    expect(
      await load([key, 'secret/claude#id', 'secret/claude#port', 'secret/claude#jwk', 'old/team/claude#key']),
    ).toEqual(['first-secret', 'first-client', '8080', '{"kty":"EC"}', 'old-secret']);
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
});

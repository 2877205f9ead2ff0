import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { once } from '../../src/cli/once.ts';
import { createSystem } from '../../src/system/system.ts';
import { startFakeVault } from '../secrets/fake-vault.ts';
import { createRecordedOutput } from '../support/recorded-output.ts';
import { startTarget } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const signals = { onStop() {}, onReload() {} };

async function runOnce(seal: boolean) {
  const system = createSystem();
  const vault = await startFakeVault(system.clock);
  vault.write('api', { key: 'key-of-the-vault' });
  vault.fake.sealed = seal;
  const target = await startTarget();
  const folder = await temporaryFolder();
  const file = join(folder, 'sonde.yaml');
  await writeFile(
    file,
    [
      `allow_plaintext_secrets: true\nvault:\n  address: ${vault.address}\n  auth:\n    approle:\n`,
      '      role_id: role-of-sonde\n      secret_id: fake-secret-id-000001\n',
      `checks:\n  keyed:\n    http:\n      url: ${target.origin}\n      headers:\n        x-key: \${vault:secret/api#key}\n`,
    ].join(''),
  );
  const output = createRecordedOutput();
  const exit = await once(system, output, signals, [file], {
    stateDir: join(folder, 'state'),
    json: true,
    colour: false,
  });
  return { vault, target, output, exit };
}

describe('a single run with a secret of a fake Vault', () => {
  it('asks for it once, sends it, and gives back what it was lent', async () => {
    const { vault, target, output, exit } = await runOnce(false);
    expect(exit).toBe(0);
    expect(target.requests[0]?.headers['x-key']).toBe('key-of-the-vault');
    expect(vault.news()).toEqual([
      'POST auth/approle/login',
      'GET sys/internal/ui/mounts/secret/api',
      'GET secret/data/api',
      'PUT auth/token/revoke-self',
    ]);
    expect(output.outText() + output.errText()).not.toContain('key-of-the-vault');
  });

  it('says why it asked nothing when Vault is sealed', async () => {
    const { target, output, exit } = await runOnce(true);
    expect(exit).toBe(1);
    expect(target.requests).toHaveLength(0);
    expect(JSON.parse(output.outText())).toMatchObject([
      { outcome: 'errored', cause: { code: 'secret_unavailable', detail: expect.stringContaining('Vault is sealed') } },
    ]);
  });
});

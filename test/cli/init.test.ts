import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { init } from '../../src/cli/init.ts';
import { createFolder, loadWell } from '../support/load-text.ts';
import { createRecordedOutput } from '../support/recorded-output.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

async function run(path: string) {
  const output = createRecordedOutput();
  const code = await init(createVirtualSystem(), output, path);
  return { code, out: output.outText(), err: output.errText() };
}

describe('sonde init', () => {
  it('writes a configuration that loads', async () => {
    const path = join(await createFolder(), 'sonde.yaml');
    expect(await run(path)).toEqual({ code: 0, out: `${path} is written. Next: sonde validate ${path}\n`, err: '' });
    const { configuration } = await loadWell(await readFile(path, 'utf8'));
    expect(configuration.checks).toMatchObject([
      { name: 'example', budget: 'example', spec: { url: 'https://example.com/' } },
    ]);
    expect((await stat(path)).mode & 0o777).toBe(0o644);
  });

  it('prints it with -, and it loads as well with all that is commented out', async () => {
    const { code, out } = await run('-');
    expect(code).toBe(0);
    const all = out.replace(/^( *)# (?! {2}sonde|yaml-)(?=[a-z -])/gm, '$1');
    const system = createVirtualSystem();
    system.environmentVariables.set('CLIENT_ID', 'abcdefgh');
    system.environmentVariables.set('CLIENT_SECRET', 'abcdefgh');
    system.environmentVariables.set('PROD_CLIENT_SECRET', 'of-production');
    const { configuration } = await loadWell(all, { system, environment: 'prod', refusesPlaintext: true });
    expect(configuration.tokens).toHaveLength(1);
    expect(configuration.tokens[0]?.clientSecret?.reveal()).toBe('of-production');
    expect(configuration.checks).toMatchObject([
      { name: 'example', token: 'example', needsScopes: ['status.read'] },
      { name: 'example-api', confirm: 2 },
    ]);
  });

  it('never writes over a file', async () => {
    const path = join(await createFolder(), 'sonde.yaml');
    await writeFile(path, 'mine');
    expect(await run(path)).toMatchObject({
      code: 2,
      err: `${path} is there already and was left as it is; name another file, or - to print\n`,
    });
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  it('says when it cannot write', async () => {
    const folder = await createFolder();
    expect(await run(join(folder, 'no/sonde.yaml'))).toMatchObject({
      code: 3,
      err: `${folder}/no/sonde.yaml cannot be written: the folder is not there\n`,
    });
  });
});

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../../deploy/systemd');
const analyzer = '/usr/bin/systemd-analyze';

/** The settings of a unit: all values of each key, in their order. */
async function settingsOf(file: string): Promise<Map<string, string[]>> {
  const settings = new Map<string, string[]>();
  for (const line of (await readFile(join(folder, file), 'utf8')).split('\n')) {
    const [, key, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined) settings.set(key, [...(settings.get(key) ?? []), value]);
  }
  return settings;
}

const unit = await settingsOf('sonde.service');

it('starts the file that the package has, on its folders', async () => {
  const [command = ''] = unit.get('ExecStart') ?? [];
  const { bin } = JSON.parse(await readFile(join(folder, '../../package.json'), 'utf8'));
  expect(command).toContain(`/opt/sonde/lib/node_modules/sonde/${bin.sonde} run /etc/sonde --state-dir `);
  expect(unit.get('ConfigurationDirectory')).toEqual(['sonde']);
  expect(unit.get('StateDirectory')).toEqual(['sonde']);
});

it('reloads by the signal that sonde takes for it, and does not start again what is configured wrongly', () => {
  expect(unit.get('ExecReload')).toEqual(['/bin/kill -HUP $MAINPID']);
  expect(unit.get('RestartPreventExitStatus')).toEqual(['2']);
});

it('sets each thing once, but the filter, whose second line takes from the first', () => {
  const repeated = [...unit].filter(([, values]) => values.length > 1).map(([key]) => key);
  expect(repeated.filter((key) => key !== 'SystemCallFilter')).toEqual([]);
});

it('leaves executable memory to the compiler of V8, without which Node.js does not start', () => {
  expect(unit.get('MemoryDenyWriteExecute')).toEqual(['no']);
});

it('takes a secret as a credential', async () => {
  const credentials = await settingsOf('credentials.conf');
  expect([...credentials]).toEqual([['LoadCredential', ['client-secret:/etc/credstore/sonde-client-secret']]]);
});

it.runIf(existsSync(analyzer))('is exposed little, by the count of systemd itself', async () => {
  const args = ['security', '--offline=true', '--threshold=15', '--no-pager', join(folder, 'sonde.service')];
  const { stdout } = await promisify(execFile)(analyzer, args);
  expect(stdout).toMatch(/Overall exposure level for sonde.service: [01]\.\d OK/);
});

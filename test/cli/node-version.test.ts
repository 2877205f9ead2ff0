import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

it('refuses a Node.js that is too old by one plain sentence, where the version is faked', async () => {
  const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.22.0' } })";
  const args = ['--import', `data:text/javascript,${encodeURIComponent(older)}`, main, '--version'];
  await expect(promisify(execFile)(process.execPath, args)).rejects.toMatchObject({
    code: 3,
    stdout: '',
    stderr: `sonde needs Node.js 24 or newer, and this is 22.22.0 (${process.execPath}).\n`,
  });
});

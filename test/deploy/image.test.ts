import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startSonde } from '../support/sonde-process.ts';
import { startTarget } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '../..');
const lines = async (file: string) => (await readFile(join(root, file), 'utf8')).split('\n');
const instructions = (await lines('Dockerfile'))
  .join('\n')
  .replaceAll('\\\n', '')
  .split('\n')
  .map((line) => /^([A-Z]+) (.+)$/.exec(line))
  .flatMap((match) => (match ? [{ name: match[1] ?? '', rest: match[2] ?? '' }] : []));

/** The last of its kind holds. */
const last = (name: string) => instructions.findLast((instruction) => instruction.name === name)?.rest ?? '';

/** Runs the health check of the image; resolves with its exit code and what it said. */
async function checkHealth(socketPath: string) {
  const running = promisify(execFile)(process.execPath, [join(root, 'deploy/healthcheck.js'), socketPath]);
  return running.then(
    () => ({ code: 0, said: '' }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
  );
}

it('runs as a number, so that Kubernetes can see that it is not root', () => {
  expect(last('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
});

it('starts each command without a shell, so that signals reach sonde itself', () => {
  for (const command of [last('ENTRYPOINT'), last('CMD'), /CMD (.*)/.exec(last('HEALTHCHECK'))?.[1] ?? ''])
    expect(JSON.parse(command)).toEqual(expect.arrayContaining([expect.any(String)]));
});

it('copies only what the context has, which is no more than it copies', async () => {
  const copied = instructions
    .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from'))
    .flatMap(({ rest }) => rest.split(' ').slice(0, -1));
  const allowed = (await lines('.dockerignore')).filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  expect(copied.sort()).toEqual(allowed.sort());
  for (const path of copied) await expect(stat(join(root, path))).resolves.toBeDefined();
});

it('is healthy while the daemon is, whatever address that listens on', async () => {
  const folder = await temporaryFolder();
  const target = await startTarget();
  await writeFile(join(folder, 'sonde.yaml'), `checks:\n  target:\n    http: ${target.origin}\n`);
  const args = ['run', 'sonde.yaml', '--listen', '127.0.0.1:0', '--state-dir', 'state'];
  const { line, child, ended } = startSonde(args, { cwd: folder });
  await line(/runs 1 check/);
  const socketPath = join(folder, 'state/sonde.sock');
  expect(await checkHealth(socketPath)).toEqual({ code: 0, said: '' });
  child.kill('SIGTERM');
  await ended;
  expect(await checkHealth(socketPath)).toEqual({ code: 1, said: expect.stringContaining('ENOENT') });
});

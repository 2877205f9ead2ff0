import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startTarget } from '../support/target.ts';

const root = join(import.meta.dirname, '../..');

// The command finds Node.js by its first line, as a person's shell would: this one comes first.
const env = { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };

let folder: string;
let packed: string[];

/** What a command says and what it ends with. */
async function run(command: string, args: readonly string[], cwd = folder) {
  const running = promisify(execFile)(command, args, { cwd, env });
  return running.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
}

const sonde = (...args: string[]) => run(join(folder, 'node_modules/.bin/sonde'), args);

const writeConfiguration = (origin: string) =>
  writeFile(join(folder, 'sonde.yaml'), `checks:\n  target:\n    http: ${origin}\n`);

/** A real `npm pack` and a real `npm install` of what it made, into an empty folder. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-package-'));
  const pack = await run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], root);
  expect(pack).toMatchObject({ code: 0 });
  const [{ filename, files }] = JSON.parse(pack.stdout);
  packed = files.map(({ path }: { path: string }) => path);
  const options = ['--no-audit', '--no-fund', '--prefer-offline'];
  expect(await run('npm', ['install', ...options, join(folder, filename)])).toMatchObject({ code: 0 });
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

it('packs the built program and the check definitions, and nothing to build or to test', () => {
  const kinds = new Set(packed.map((path) => /^(?:dist|checks)\/.*(\.\w+)$/.exec(path)?.[1] ?? path));
  expect([...kinds].sort()).toEqual(['.js', '.json', '.txt', '.yaml', 'LICENSE', 'README.md', 'package.json']);
});

it('names what it depends on, and no compiler', async () => {
  const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { packages } = JSON.parse(await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8'));
  const installed = Object.keys(packages).map((path) => path.replace('node_modules/', ''));
  expect(installed).toEqual(expect.arrayContaining(Object.keys(dependencies)));
  expect(installed.filter((name) => /^typescript|^vitest|^rolldown|^@types\//.test(name))).toEqual([]);
});

it('hands on the licence of each library that it depends on, which is built in', async () => {
  const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const licences = await readFile(join(folder, 'node_modules/sonde/dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
  for (const [name, version] of Object.entries(dependencies)) expect(licences).toContain(`\n${name} ${version}: `);
});

it('needs no library beside it', async () => {
  const alone = await mkdtemp(join(tmpdir(), 'sonde-alone-'));
  onTestFinished(() => rm(alone, { recursive: true, force: true }));
  await cp(join(folder, 'node_modules/sonde'), alone, { recursive: true });
  await writeConfiguration('https://api.example.com');
  const configuration = join(folder, 'sonde.yaml');
  expect(await run(join(alone, 'dist/main.js'), ['validate', configuration])).toMatchObject({ code: 0, stderr: '' });
});

it('tells its version', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  expect(await sonde('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

it('validates a configuration, and tells of a mistake in it', async () => {
  await writeConfiguration('https://api.example.com');
  expect(await sonde('validate', 'sonde.yaml')).toMatchObject({ code: 0, stderr: '' });
  await writeFile(join(folder, 'wrong.yaml'), 'checks:\n  target:\n    htp: https://api.example.com\n');
  const { code, stdout, stderr } = await sonde('validate', 'wrong.yaml');
  expect(code).toBe(2);
  expect(stdout + stderr).toContain('did you mean "http"?');
});

it('runs checks once against a real server', async () => {
  const target = await startTarget();
  await writeConfiguration(target.origin);
  expect(await sonde('once', 'sonde.yaml')).toMatchObject({ code: 0, stdout: expect.stringMatching(/target +passed/) });
  expect(target.requests).toHaveLength(1);
});

it('runs as a daemon until SIGTERM, and ends well', async () => {
  const target = await startTarget();
  await writeConfiguration(target.origin);
  const args = ['run', 'sonde.yaml', '--listen', '127.0.0.1:0', '--state-dir', 'state'];
  const daemon: ChildProcess = spawn(join(folder, 'node_modules/.bin/sonde'), args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void daemon.kill('SIGKILL'));
  const ended = once(daemon, 'close');
  if (!daemon.stdout) throw new Error('the daemon has no output');
  const [announcement] = await once(createInterface(daemon.stdout), 'line');
  const { address } = JSON.parse(announcement);
  const metrics = await (await fetch(new URL('/metrics', address))).text();
  expect(metrics).toContain('sonde_build_info');
  daemon.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const run = promisify(execFile);
const script = fileURLToPath(new URL('install.mjs', import.meta.url));
/** A process id that no Linux or macOS gives out. */
const nobody = '2147483647';

vi.setConfig({ testTimeout: 60_000 });

let project: string;

/** A project whose only package, for development, lies in its own folder: the real npm installs it without a network. */
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'sonde-install-'));
  await mkdir(join(project, 'thing'));
  await mkdir(join(project, 'test', 'lab'), { recursive: true });
  await cp(script, join(project, 'test', 'lab', 'install.mjs'));
  const manifest = { name: 'project', version: '1.0.0', devDependencies: { thing: 'file:thing' } };
  const packages = {
    '': manifest,
    'node_modules/thing': { resolved: 'thing', link: true },
    thing: { version: '1.0.0', dev: true },
  };
  const files = {
    'thing/package.json': { name: 'thing', version: '1.0.0' },
    'package.json': manifest,
    'package-lock.json': { name: 'project', version: '1.0.0', lockfileVersion: 3, requires: true, packages },
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(project, name), JSON.stringify(content));
});

afterEach(() => rm(project, { recursive: true }));

const install = async (environment: Record<string, string> = {}) =>
  (
    await run(process.execPath, ['test/lab/install.mjs'], {
      cwd: project,
      env: { ...process.env, npm_config_offline: 'true', ...environment },
    })
  ).stdout;

const isThere = () => existsSync(join(project, 'node_modules', 'thing', 'package.json'));

it('installs once, saying so in one line, and is silent from then on', async () => {
  expect(await install()).toMatch(/^Installing [^\n]*\n$/);
  expect(isThere()).toBe(true);
  expect(await install()).toBe('');
});

it('installs the packages for development under NODE_ENV=production and when npm is told to omit them', async () => {
  await install({ NODE_ENV: 'production', npm_config_omit: 'dev' });
  expect(isThere()).toBe(true);
});

it('installs again when the lock file names something else', async () => {
  await install();
  const packages = { 'node_modules/thing': { version: '0.9.0' } };
  await writeFile(join(project, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
  expect(await install()).toContain('Installing');
});

it('lets one of several starts install while the others wait', async () => {
  const said = await Promise.all([install(), install(), install()]);
  expect(said.filter((text) => text.includes('Installing'))).toHaveLength(1);
  expect(isThere()).toBe(true);
  expect(await readdir(project)).not.toContain('.setup-lock');
});

it('takes over from an install that died', async () => {
  await mkdir(join(project, '.setup-lock', nobody), { recursive: true });
  expect(await install()).toContain('Installing');
  expect(isThere()).toBe(true);
});

it('says in a sentence that npm failed, and exits 3', async () => {
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'project', dependencies: { other: '1.0.0' } }));
  await expect(install()).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining('npm ci failed') });
});

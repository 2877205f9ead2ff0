import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFiles } from '../../src/system/files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const files = createFiles();

describe('a replaced file', () => {
  it('is whole, has its mode whatever stood there, and leaves nothing beside it', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'tokens.json');
    await writeFile(path, 'old', { mode: 0o644 });
    await files.replace(path, 'new', 0o600);
    expect(await files.readText(path)).toBe('new');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['tokens.json']);
  });

  it('is left as it was when the new one cannot be put in its place', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'tokens.json');
    await mkdir(path);
    await expect(files.replace(path, 'new', 0o600)).rejects.toMatchObject({ code: 'EISDIR' });
    expect(await readdir(folder)).toEqual(['tokens.json']);
  });

  it('is refused where its folder is not there', async () => {
    const path = join(await temporaryFolder(), 'absent', 'tokens.json');
    await expect(files.replace(path, 'new', 0o600)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a folder', () => {
  it('is made with its parents, for the owner alone', async () => {
    const path = join(await temporaryFolder(), 'a', 'b');
    await files.makeFolder(path);
    await files.makeFolder(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  it('is refused, and not tried for ever, where none can be made', async () => {
    await expect(files.makeFolder('/proc/sonde/state')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(files.makeFolder('/etc/hosts')).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(files.makeFolder('/etc/hosts/state')).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('is listed in order, and its entries are seen through links', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'b'));
    await symlink(join(folder, 'b'), join(folder, 'a'));
    await writeFile(join(folder, 'c'), '12345');
    expect(await files.list(folder)).toEqual(['a', 'b', 'c']);
    expect(await files.stat(join(folder, 'a'))).toMatchObject({ isFolder: true });
    expect(await files.stat(join(folder, 'c'))).toEqual({ isFolder: false, size: 5 });
    await files.remove(join(folder, 'c'));
    expect(await files.list(folder)).toEqual(['a', 'b']);
  });
});

describe('the lock of a folder', () => {
  it('is had by one at a time', async () => {
    const folder = await temporaryFolder();
    const lock = await files.lockFolder(folder);
    expect(await files.lockFolder(folder)).toBeUndefined();
    lock?.release();
    const again = await files.lockFolder(folder);
    expect(again).toBeDefined();
    again?.release();
  });

  it('is freed by the death of the process that had it', async () => {
    const folder = await temporaryFolder();
    const holder = spawn(process.execPath, ['--input-type=module-typescript', '-e', holdLock], {
      env: { FILES: new URL('../../src/system/files.ts', import.meta.url).href, FOLDER: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void holder.kill('SIGKILL'));
    await once(holder.stdout, 'data');
    expect(await files.lockFolder(folder)).toBeUndefined();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const lock = await files.lockFolder(folder);
    expect(lock).toBeDefined();
    lock?.release();
  });

  it('is an error where the folder cannot be written', async () => {
    await expect(files.lockFolder('/proc')).rejects.toThrow();
  });
});

const holdLock = `
  const { createFiles } = await import(process.env.FILES);
  const lock = await createFiles().lockFolder(process.env.FOLDER);
  console.log(lock ? 'held' : 'refused');
  setInterval(() => {}, 1000);
`;

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, mkdir, open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
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

  it('is synced before it takes its place, and its folder after that, before the promise resolves', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'tokens.json');
    await writeFile(path, 'old');
    const beside = join(folder, `.tokens.json.${process.pid}.new`);
    const atSync = await watchSyncs(async (what) => [
      what,
      await readFile(path, 'utf8'),
      await readFile(beside, 'utf8').catch(() => 'absent'),
    ]);
    await files.replace(path, 'new', 0o600);
    expect(atSync).toEqual([
      ['file', 'old', 'new'],
      ['folder', 'new', 'absent'],
    ]);
  });

  it('is not written through a link that stands in the way', async () => {
    const folder = await temporaryFolder();
    const [path, elsewhere] = [join(folder, 'tokens.json'), join(folder, 'elsewhere')];
    await symlink(elsewhere, join(folder, `.tokens.json.${process.pid}.new`));
    await files.replace(path, 'new', 0o600);
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

describe('what a killed process has left beside a file', () => {
  it('is swept away, as far as it can be, and nothing else is', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'a.json');
    const others = ['.a.json.new', '.a.json.1x.new', '.a.json.1.new.2', '.ba.json.1.new', '.b.json.1.new', 'a.json'];
    for (const name of ['.a.json.1.new', '.a.json.4194304.new', ...others]) await writeFile(join(folder, name), '');
    await mkdir(join(folder, '.a.json.3.new'));
    await files.sweep(path);
    expect(await readdir(folder)).toEqual(['.a.json.3.new', ...others].sort());
  });

  it('is no matter where there is no folder', async () => {
    await files.sweep(join(await temporaryFolder(), 'absent', 'a.json'));
  });
});

describe('a folder', () => {
  it('is made with its parents, for the owner alone', async () => {
    const path = join(await temporaryFolder(), 'a', 'b');
    await files.makeFolder(path);
    await files.makeFolder(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  it('is on disk, by its entry in the folder above, before the promise resolves', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'a', 'b');
    const atSync = await watchSyncs(async (what) => [what, await readdir(folder, { recursive: true })]);
    await files.makeFolder(path);
    expect(atSync).toEqual([
      ['folder', ['a']],
      ['folder', ['a', join('a', 'b')]],
    ]);
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
    expect(await files.stat(join(folder, 'c'))).toMatchObject({ isFolder: false, isFile: true, size: 5 });
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
    await expect(files.lockFolder(join(await temporaryFolder(), 'absent'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

/** What `look` sees each time that a file or folder is about to be synced to disk, until the test ends. */
async function watchSyncs<Seen>(look: (what: 'file' | 'folder') => Promise<Seen>): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  await using any = await open('/dev/null');
  const handles: FileHandle = Object.getPrototypeOf(any);
  const { sync } = handles;
  const spy = vi.spyOn(handles, 'sync').mockImplementation(async function (this: FileHandle) {
    seen.push(await look((await this.stat()).isDirectory() ? 'folder' : 'file'));
    await sync.call(this);
  });
  onTestFinished(() => spy.mockRestore());
  return seen;
}

const holdLock = `
  const { createFiles } = await import(process.env.FILES);
  const lock = await createFiles().lockFolder(process.env.FOLDER);
  console.log(lock ? 'held' : 'refused');
  setInterval(() => {}, 1000);
`;

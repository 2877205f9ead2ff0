import { mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The only door to the file system. Errors are Node's own, with `code` (`ENOENT`, `EACCES`, …). */
export interface Files {
  readText(path: string): Promise<string>;
  /** Names of the entries of a folder, sorted. */
  list(path: string): Promise<string[]>;
  /** Follows symbolic links. `size` is in bytes. */
  stat(path: string): Promise<{ readonly isFolder: boolean; readonly size: number }>;
  /** Makes a folder and its parents, readable by the owner alone. */
  makeFolder(path: string): Promise<void>;
  /**
   * Puts a file in place of the one there, whole or not at all, and on disk when the promise resolves:
   * written beside it, synced, renamed, and the folder synced.
   */
  replace(path: string, text: string, mode: number): Promise<void>;
  remove(path: string): Promise<void>;
  /**
   * Takes the lock of a folder for this process; the operating system frees it when the process ends, however it ends.
   * Returns undefined when another process has it.
   */
  lockFolder(path: string): Promise<FolderLock | undefined>;
}

export interface FolderLock {
  release(): void;
}

/** Not Node's own `recursive`: below a file system that makes no folders, such as /proc, that never returns. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path) {
      await makeFolder(dirname(path));
      await mkdir(path, { mode: 0o700 });
    } else if (code !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  try {
    const file = await open(beside, 'w', mode);
    try {
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await unlink(beside).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
}

/**
 * SQLite's exclusive lock is a POSIX record lock: Node has no call of its own for one, a crash cannot leave it behind,
 * and it is seen by every container that mounts the same volume on a host.
 */
async function lockFolder(path: string): Promise<FolderLock | undefined> {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(join(path, 'lock'));
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && error.message.includes('locked')) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}

export function createFiles(): Files {
  return {
    readText: (path) => readFile(path, 'utf8'),
    list: async (path) => (await readdir(path)).sort(),
    stat: async (path) => {
      const found = await stat(path);
      return { isFolder: found.isDirectory(), size: found.size };
    },
    makeFolder,
    replace: replaceFile,
    remove: (path) => unlink(path),
    lockFolder,
  };
}

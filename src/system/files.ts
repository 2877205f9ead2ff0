import { isUtf8 } from 'node:buffer';
import { access, constants, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The only door to the file system. Errors are Node's own, with `code` (`ENOENT`, `EACCES`, …). */
export interface Files {
  /** Of UTF-8: rejects with the code `NOT_UTF8` for anything else. */
  readText(path: string): Promise<string>;
  /** Names of the entries of a folder, sorted. */
  list(path: string): Promise<string[]>;
  /** Follows symbolic links. */
  stat(path: string): Promise<FileStatus>;
  /** Makes a folder and its parents, readable by the owner alone. */
  makeFolder(path: string): Promise<void>;
  /**
   * Puts a file in place of the one there, whole or not at all, and on disk when the promise resolves:
   * written beside it, synced, renamed, and the folder synced.
   */
  replace(path: string, text: string, mode: number): Promise<void>;
  /**
   * Removes, as far as it can be, what the `replace` of a process that was killed has left beside a file. It is for the
   * one that alone writes the file, while it writes nothing.
   */
  sweep(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  /**
   * Takes the lock of a folder for this process; the operating system frees it when the process ends, however it ends.
   * Returns undefined when another process has it, and rejects where the folder cannot be written.
   */
  lockFolder(path: string): Promise<FolderLock | undefined>;
}

export interface FileStatus {
  readonly isFolder: boolean;
  /** No folder, pipe, socket or device: reading it comes to an end. */
  readonly isFile: boolean;
  /** In bytes. */
  readonly size: number;
  /** The bits of its permissions: `0o600`. */
  readonly mode: number;
}

export interface FolderLock {
  release(): void;
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path);
  if (!isUtf8(bytes)) throw Object.assign(new Error('not UTF-8'), { code: 'NOT_UTF8' });
  return bytes.toString();
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** What is synced into a folder whose own entry is not on disk would be lost with it. */
async function makeOneFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  await syncFolder(dirname(path));
}

/** Not Node's own `recursive`: below a file system that makes no folders, such as /proc, that never returns. */
async function makeFolder(path: string): Promise<void> {
  try {
    await makeOneFolder(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path) {
      await makeFolder(dirname(path));
      await makeOneFolder(path);
    } else if (code !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error;
  }
}

/** Where a file is written before it takes its place: `.NAME.PROCESS.new`. */
function besideOf(path: string, owner: string | number): string {
  return join(dirname(path), `.${basename(path)}.${owner}.new`);
}

async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const beside = besideOf(path, process.pid);
  try {
    // A link that somebody has put there, or what a process of the same number has left, is not written through.
    await unlink(beside).catch(() => {});
    const file = await open(beside, 'wx', mode);
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

async function sweep(path: string): Promise<void> {
  const names = await readdir(dirname(path)).catch(() => []);
  const leftovers = names.map((name) => join(dirname(path), name)).filter((each) => isBeside(path, each));
  await Promise.all(leftovers.map((leftover) => unlink(leftover).catch(() => {})));
}

function isBeside(path: string, other: string): boolean {
  const owner = /\.(\d+)\.new$/.exec(other)?.[1];
  return owner !== undefined && other === besideOf(path, owner);
}

/**
 * SQLite's exclusive lock is a POSIX record lock: Node has no call of its own for one, a crash cannot leave it behind,
 * and it is seen by every container that mounts the same volume on a host.
 */
async function lockFolder(path: string): Promise<FolderLock | undefined> {
  // SQLite would only say that it cannot open its file, and not at all where that is there already.
  await access(path, constants.W_OK);
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
    readText,
    list: async (path) => (await readdir(path)).sort(),
    stat: async (path) => {
      const found = await stat(path);
      return {
        isFolder: found.isDirectory(),
        isFile: found.isFile(),
        size: found.size,
        mode: found.mode & 0o777,
      };
    },
    makeFolder,
    replace: replaceFile,
    sweep,
    remove: (path) => unlink(path),
    lockFolder,
  };
}

import { join, normalize, resolve } from 'node:path';
import { fileErrorText } from '../system/file-error.ts';
import type { System } from '../system/system.ts';
import type { Problem } from './problem.ts';

/** One configuration file as it was read. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** All files that a set of paths stands for. */
export interface Sources {
  readonly files: readonly SourceFile[];
  /** Files that are missing, unreadable, or too large. */
  readonly problems: readonly Problem[];
}

const largestFileBytes = 1_048_576;

async function listFolder(system: System, folder: string): Promise<string[]> {
  const names = await system.files.list(folder);
  return names.filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.')).map((name) => join(folder, name));
}

/** The text of a file; undefined for a folder that is named like a file. */
async function readSource(system: System, path: string): Promise<string | Problem | undefined> {
  const tooLarge = { file: path, message: 'is larger than 1 MiB; expected a smaller file: split it' };
  try {
    const { isFolder, size } = await system.files.stat(path);
    if (isFolder) return undefined;
    if (size > largestFileBytes) return tooLarge;
    const text = await system.files.readText(path);
    // A pipe or a file of the kernel tells no size before it is read.
    return Buffer.byteLength(text) > largestFileBytes ? tooLarge : text;
  } catch (error) {
    return { file: path, message: `${fileErrorText(error)}; expected a YAML file` };
  }
}

/**
 * Reads configuration files, and of folders each `*.yaml` and `*.yml` that lies directly in them, in the order of their
 * names; entries that begin with a dot are left out, and symbolic links followed: that is how a ConfigMap is mounted.
 * A file that is named twice is read once.
 */
export async function readSources(system: System, paths: readonly string[]): Promise<Sources> {
  const problems: Problem[] = [];
  /** By the absolute path, so that one that is named in two ways is one. */
  const found = new Map<string, string>();
  if (paths.length === 0) problems.push({ message: 'no configuration was named; expected files or folders' });
  // What an unset variable of a shell leaves must not stand for the current folder.
  if (paths.includes('')) problems.push({ message: 'a path is empty; expected a file or a folder' });
  for (const path of paths.filter((named) => named !== '').map((named) => normalize(named))) {
    try {
      const { isFolder } = await system.files.stat(path);
      const inside = isFolder ? await listFolder(system, path) : [path];
      if (inside.length === 0)
        problems.push({
          file: path,
          message: 'is a folder without configuration; expected *.yaml or *.yml files in it',
        });
      for (const file of inside) if (!found.has(resolve(file))) found.set(resolve(file), file);
    } catch (error) {
      problems.push({ file: path, message: `${fileErrorText(error)}; expected a YAML file or a folder of them` });
    }
  }
  const files: SourceFile[] = [];
  for (const path of found.values()) {
    const read = await readSource(system, path);
    if (typeof read === 'string') files.push({ path, text: read });
    else if (read) problems.push(read);
  }
  return { files, problems };
}

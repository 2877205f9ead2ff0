import { fileErrorText } from '../system/file-error.ts';
import type { System } from '../system/system.ts';
import type { Reference } from './reference.ts';
import type { Resolution } from './resolution.ts';

/** A bundle of all authorities that a system trusts takes a quarter of this; no key or token is larger. */
const largestSecretBytes = 1_048_576;

function readVariable(system: System, name: string): Resolution {
  const value = system.environment(name);
  if (value === undefined) return { problem: 'is not set' };
  return value === '' ? { problem: 'is set, but empty' } : { value };
}

/** The secret in a file, without its one trailing line break. */
export async function readSecretFile(system: System, path: string): Promise<Resolution> {
  try {
    const { isFolder, isFile, size } = await system.files.stat(path);
    // Reading a pipe would wait for somebody to write to it.
    if (!isFile && !isFolder) return { problem: 'is no regular file' };
    if (size > largestSecretBytes) return { problem: 'is larger than 1 MiB' };
    const value = (await system.files.readText(path)).replace(/\r?\n$/, '');
    return value === '' ? { problem: 'is empty' } : { value };
  } catch (error) {
    return { problem: fileErrorText(error) };
  }
}

/**
 * Reads what a reference stands for: an environment variable, or a file (relative to the working directory) without its
 * one trailing line break.
 */
export async function resolveReference(system: System, { scheme, name }: Reference): Promise<Resolution> {
  return scheme === 'env' ? readVariable(system, name) : await readSecretFile(system, name);
}

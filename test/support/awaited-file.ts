import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The text of a file that another process puts there, whole, now or later. */
export async function awaitedFile(path: string): Promise<string> {
  const there = Promise.withResolvers<string>();
  const look = () =>
    readFile(path, 'utf8').then(there.resolve, (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') there.reject(error);
    });
  const watcher = watch(dirname(path), look);
  try {
    await look();
    return await there.promise;
  } finally {
    watcher.close();
  }
}

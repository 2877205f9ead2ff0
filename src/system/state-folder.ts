import { join } from 'node:path';
import type { Files } from './files.ts';

/** Thrown when `state_dir` cannot be used; the message is a sentence for a person. */
export class StateFolderError extends Error {
  readonly code = 'STATE_FOLDER';
}

/** The folder of `state_dir`, held by this process alone. */
export interface StateFolder {
  /** Where commands reach the daemon that holds the folder. */
  readonly socketPath: string;
  release(): void;
}

/** Where the daemon that holds a `state_dir` listens for commands. */
export function socketPathOf(stateDir: string): string {
  return join(stateDir, 'sonde.sock');
}

/** Makes the folder where it is not there, and takes its lock. Throws `StateFolderError`. */
export async function takeStateFolder(files: Files, stateDir: string): Promise<StateFolder> {
  const lock = await take(files, stateDir);
  if (!lock) {
    throw new StateFolderError(
      `Another sonde runs on the state folder ${stateDir}. End it first, or give this one a folder of its own by --state-dir.`,
    );
  }
  return { socketPath: socketPathOf(stateDir), release: lock.release };
}

async function take(files: Files, stateDir: string) {
  try {
    await files.makeFolder(stateDir);
    return await files.lockFolder(stateDir);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StateFolderError(`The state folder ${stateDir} cannot be used: ${reason}.`);
  }
}

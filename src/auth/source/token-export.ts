import type { Secret } from '../../model/secret.ts';
import type { Timer } from '../../system/clock.ts';
import type { System } from '../../system/system.ts';
import { createTurns } from '../turns.ts';

/** The file by which a service beside sonde gets the live access token. */
export interface TokenExport {
  /** Replaces the file (whole or not at all). A write that fails is told and tried again until one succeeds. */
  write(token: Secret): Promise<void>;
  /** Removes the file: there is no token that the service may go on with. A failure is told and tried again. */
  clear(): Promise<void>;
  /** Tries no more. The file stays. */
  stop(): void;
}

const retryMs = 10_000;

/** `warn` gets a sentence for a person. */
export function createTokenExport(
  { clock, files }: Pick<System, 'clock' | 'files'>,
  { file: path, mode }: { readonly file: string; readonly mode: number },
  warn: (sentence: string) => void,
): TokenExport {
  const inTurn = createTurns();
  let retry: Timer | undefined;
  let begun = 0;
  let stopped = false;

  const attempt = async (act: () => Promise<void>, failure: string): Promise<void> => {
    retry?.cancel();
    begun += 1;
    const mine = begun;
    try {
      await inTurn(path, act);
    } catch (error) {
      warn(`${failure} ${error}`);
      // What came after it stands for what is true now.
      if (!stopped && mine === begun) retry = clock.after(retryMs, () => attempt(act, failure));
    }
  };
  return {
    write: (token) =>
      attempt(
        () => files.replace(path, token.reveal(), mode),
        `The access token cannot be written to ${path}; what stands there is old.`,
      ),
    clear: () =>
      attempt(() => removeIfThere(files, path), `${path} cannot be removed; the access token in it is revoked.`),
    stop() {
      stopped = true;
      retry?.cancel();
    },
  };
}

async function removeIfThere(files: System['files'], path: string): Promise<void> {
  try {
    await files.remove(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

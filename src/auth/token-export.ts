import type { Secret } from '../model/secret.ts';
import type { Timer } from '../system/clock.ts';
import type { System } from '../system/system.ts';

/** The file by which a service beside sonde gets the live access token. */
export interface TokenExport {
  /** Replaces the file (whole or not at all). A write that fails is told and tried again until one succeeds. */
  write(token: Secret): Promise<void>;
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
  let retry: Timer | undefined;
  let stopped = false;
  const write = async (token: Secret): Promise<void> => {
    retry?.cancel();
    try {
      await files.replace(path, token.reveal(), mode);
    } catch (error) {
      warn(`The access token cannot be written to ${path}; what stands there is old. ${error}`);
      if (!stopped) retry = clock.after(retryMs, () => write(token));
    }
  };
  return {
    write,
    stop() {
      stopped = true;
      retry?.cancel();
    },
  };
}

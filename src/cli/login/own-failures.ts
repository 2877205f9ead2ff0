import { TokenStoreError } from '../../model/token.ts';
import { StateFolderError } from '../../system/state-folder.ts';
import { ListenError } from '../../web/listen.ts';
import { exitCode } from '../exit-code.ts';
import { Refused } from '../refused.ts';

/** Runs a command's work; what keeps this host's sonde from doing it ends the command with its sentence and exit code 3. */
export async function refusingOwnFailures<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StateFolderError || error instanceof TokenStoreError || error instanceof ListenError)
      throw new Refused(error.message, exitCode.ownFailure);
    throw error;
  }
}

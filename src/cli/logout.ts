import type { LogoutReport } from '../auth/authorizer.ts';
import { printable } from '../model/printable.ts';
import type { System } from '../system/system.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import type { TokenChoice } from './login/chosen-token.ts';
import { openConsentCommand } from './login/consent-command.ts';
import { refusingOwnFailures } from './login/own-failures.ts';
import type { Output } from './output.ts';
import type { Signals } from './signals.ts';

/**
 * `sonde logout PATH… --token NAME`: has the tokens revoked at the issuer and forgotten by whoever keeps them. Forgotten
 * they are in any case: 1 when the issuer did not revoke them, 3 when an exported one stays behind. Throws `Refused`.
 */
export async function logout(
  system: System,
  output: Output,
  signals: Signals,
  paths: readonly string[],
  choice: TokenChoice,
): Promise<ExitCode> {
  return refusingOwnFailures(async () => {
    await using open = new AsyncDisposableStack();
    const { holder, definition, mask } = await openConsentCommand({ system, signals, output }, paths, choice, open);
    const { revocation, problem } = await holder.logout();
    const say = revocation === 'failed' ? output.err : output.out;
    say(`${words[revocation](definition.name)}\n`);
    if (problem !== undefined) output.err(`${printable(mask(problem))}\n`);
    if (revocation === 'failed') return exitCode.checkFailed;
    return problem === undefined ? exitCode.well : exitCode.ownFailure;
  });
}

const words: Readonly<Record<LogoutReport['revocation'], (name: string) => string>> = {
  revoked: (name) => `Logged out of ${name}: its tokens are revoked at the issuer, and forgotten here.`,
  nothing: (name) => `There was nothing to end: no tokens of this issuer and client are kept for ${name}.`,
  unsupported: (name) =>
    `The tokens of ${name} are forgotten here. The issuer offers no revocation, so they stay good there until they expire.`,
  failed: (name) => `The tokens of ${name} are forgotten here, and may still be good at the issuer.`,
};

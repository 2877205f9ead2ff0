import type { LogoutReport } from '../auth/authorizer.ts';
import { printable } from '../model/printable.ts';
import type { System } from '../system/system.ts';
import type { TokenChoice } from './chosen-token.ts';
import { openConsentCommand } from './consent-command.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import type { Output } from './output.ts';
import { refusingOwnFailures } from './own-failures.ts';
import type { Signals } from './signals.ts';

/**
 * `sonde logout PATH… --token NAME`: has the tokens revoked at the issuer and forgotten by whoever keeps them. Forgotten
 * they are in any case; 1 when the issuer did not revoke them. Throws `Refused`.
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
    const { holder, definition, mask } = await openConsentCommand({ system, signals }, paths, choice, open);
    const report = await holder.logout();
    const { name } = definition;
    if (report.revocation !== 'failed') {
      output.out(`${words[report.revocation](name)}\n`);
      return exitCode.well;
    }
    const problem = printable(mask(report.problem ?? 'The issuer did not revoke them.'));
    output.err(`The tokens of ${name} are forgotten here, and may still be good at the issuer. ${problem}\n`);
    return exitCode.checkFailed;
  });
}

const words: Readonly<Record<Exclude<LogoutReport['revocation'], 'failed'>, (name: string) => string>> = {
  revoked: (name) => `Logged out of ${name}: its tokens are revoked at the issuer, and forgotten here.`,
  nothing: (name) => `There was nothing to end: no tokens are kept for ${name}.`,
  unsupported: (name) =>
    `The tokens of ${name} are forgotten here. The issuer offers no revocation, so they stay good there until they expire.`,
};

import type { LoginEnd } from '../auth/login-end.ts';
import { PermitRefused } from '../net/limiter.ts';
import type { System } from '../system/system.ts';
import { chooseToken, type TokenChoice } from './chosen-token.ts';
import { openConsentCommand } from './consent-command.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import type { LoginTerminal, LoginWay } from './login-attempt.ts';
import { loginByBrowser, loginByPaste } from './login-by-browser.ts';
import { loginByDevice } from './login-by-device.ts';
import { failureWords, grantedWords } from './login-words.ts';
import { refusingOwnFailures } from './own-failures.ts';
import { Refused } from './refused.ts';
import type { Signals } from './signals.ts';

export interface LoginOptions extends TokenChoice {
  readonly device?: boolean;
  readonly paste?: boolean;
}

/**
 * `sonde login PATH… --token NAME`: has a person consent at the issuer, and hands the tokens to whoever keeps them. That
 * one is asked first: nobody must consent for nothing. Throws `Refused`.
 */
export async function login(
  system: System,
  person: LoginTerminal,
  signals: Signals,
  paths: readonly string[],
  options: LoginOptions,
): Promise<ExitCode> {
  const { definition, ...chosen } = await chooseToken(system, paths, options);
  const way = wayOf(definition.grant, options);
  return refusingOwnFailures(async () => {
    await using open = new AsyncDisposableStack();
    const { holder, ports, ...command } = await openConsentCommand(system, signals, { definition, ...chosen }, open);
    await holder.codes.prepare();
    const attempt = { system, person, definition, codes: holder.codes, mask: ports.mask, ...command };
    const end = await way(attempt).catch(endWithoutPermit);
    if (end.kind !== 'granted') {
      const { text, exit } = failureWords(definition.name, end, ports.mask);
      person.output.err(text);
      return exit;
    }
    await holder.adopt(end.tokens);
    person.output.out(grantedWords(definition, end.tokens, holder.words, system.clock.monotonicMs()));
    return exitCode.well;
  });
}

function wayOf(grant: string, { device = false, paste = false }: LoginOptions): LoginWay {
  if (device && paste) throw new Refused('--device and --paste are two ways: choose one.', exitCode.wrongInput);
  if (paste) return loginByPaste;
  return device || grant === 'device_code' ? loginByDevice : loginByBrowser;
}

/** The person has ended a wait for the budget; nothing else ends one within a minute but a budget that stands still. */
function endWithoutPermit(error: unknown): LoginEnd {
  if (!(error instanceof PermitRefused)) throw error;
  if (error.reason === 'aborted') return { kind: 'stopped' };
  throw new Refused('No permit came within a minute: the budget of the token stands still.', exitCode.ownFailure);
}

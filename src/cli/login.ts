import type { LoginEnd } from '../auth/login/login-end.ts';
import { type Cause, causeOf, guidanceOf, type Outcome } from '../model/cause.ts';
import { mapStrings } from '../model/map-strings.ts';
import { PermitRefused } from '../net/limiter.ts';
import type { System } from '../system/system.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import type { TokenChoice } from './login/chosen-token.ts';
import { openConsentCommand } from './login/consent-command.ts';
import type { LoginTerminal, LoginWay } from './login/login-attempt.ts';
import { loginByBrowser, loginByPaste } from './login/login-by-browser.ts';
import { loginByDevice } from './login/login-by-device.ts';
import { type FailedLogin, failureWords, grantedWords, lostWords } from './login/login-words.ts';
import { refusingOwnFailures } from './login/own-failures.ts';
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
  if (options.device && options.paste)
    throw new Refused('--device and --paste are two ways: choose one.', exitCode.wrongInput);
  return refusingOwnFailures(async () => {
    await using open = new AsyncDisposableStack();
    const ports = { system, signals, output: person.output };
    const { holder, judge, ...command } = await openConsentCommand(ports, paths, options, open);
    const { definition, mask } = command;
    await holder.codes.prepare();
    const way = wayOf(definition.grant, options);
    const end = await way({ system, person, codes: holder.codes, ...command }).catch(endWithoutPermit);
    if (end.kind === 'granted') {
      const keeper = await holder.adopt(end.tokens).catch((error: unknown) => {
        person.output.err(lostWords(definition.name));
        throw error;
      });
      person.output.out(grantedWords(definition, end.tokens, keeper, system.clock.monotonicMs()));
      return exitCode.well;
    }
    const failed = end.kind === 'refused' ? refusal(judge(end.observation), mask) : end;
    person.output.err(failureWords(definition.name, failed));
    return isOwnFailure(failed) ? exitCode.ownFailure : exitCode.checkFailed;
  });
}

/** What brought no token has not passed. */
function refusal(outcome: Outcome, mask: (text: string) => string): FailedLogin {
  return { kind: 'refused', cause: mapStrings(causeOf(outcome) as Cause, mask) };
}

function isOwnFailure(failed: FailedLogin): boolean {
  if (failed.kind !== 'refused') return false;
  const { outcome, blame } = guidanceOf(failed.cause);
  return outcome === 'errored' && blame === 'self';
}

function wayOf(grant: string, { device = false, paste = false }: LoginOptions): LoginWay {
  if (paste) return loginByPaste;
  return device || grant === 'device_code' ? loginByDevice : loginByBrowser;
}

/** The person has ended a wait for the budget; nothing else ends one within a minute but a budget that stands still. */
function endWithoutPermit(error: unknown): LoginEnd {
  if (!(error instanceof PermitRefused)) throw error;
  if (error.reason === 'aborted') return { kind: 'stopped' };
  throw new Refused('No permit came within a minute: the budget of the token stands still.', exitCode.ownFailure);
}

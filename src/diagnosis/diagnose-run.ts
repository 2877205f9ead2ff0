import { type Outcome, passed, troubled } from '../model/cause.ts';
import { type Facts, type Failure, type Observation, targetDurationMs } from '../model/observation.ts';
import type { Verdict } from '../model/verdict.ts';
import { diagnoseStatus } from './diagnose-status.ts';
import { evidenceOf } from './evidence.ts';
import { statusText } from './http-status.ts';
import { networkCause } from './network-cause.ts';
import { networkDetail } from './network-detail.ts';
import { quote } from './quote.ts';
import type { SentToken } from './sent-token.ts';

interface RunFindings {
  readonly observation: Observation;
  readonly verdicts: readonly Verdict[];
  /** Absent when the answer was given to a request that carried none. */
  readonly token?: SentToken;
}

function diagnoseFailure(failure: Failure, { url, address, status }: Facts): Outcome {
  const cause = networkCause(failure);
  const { code, phase, proxy } = failure;
  const evidence = evidenceOf({ url, address, code: quote(code), phase, proxy, status });
  return troubled(cause, networkDetail(cause, failure, 'the target', url), evidence);
}

/** Where a redirect leads, without the query, which may carry a code or a token. */
function redirectTarget(facts: Facts): string | undefined {
  const location = facts.headers?.location;
  return location === undefined ? undefined : quote(location.replace(/[?#].*$/s, ''));
}

/** Whether the verdicts say that the status, whatever it is, is not the one that the check asks for. */
export function isUnwanted(verdicts: readonly Verdict[]): boolean {
  const aboutStatus = verdicts.filter(({ assertion }) => assertion === 'status');
  return (aboutStatus.length > 0 ? aboutStatus : verdicts).some(({ holds }) => !holds);
}

/** Whether a run passed: a whole answer came, and every assertion holds. */
export function isWell({ failure }: Observation, verdicts: readonly Verdict[]): boolean {
  return !failure && verdicts.every(({ holds }) => holds);
}

/**
 * Turns what a run saw into how it ended. It passed exactly when a whole answer came and every assertion holds. Where
 * causes compete, the network's failure comes first, then the status that was not asked for, then the first assertion
 * that broke; all broken assertions are evidence. Pure, and never throws.
 */
export function diagnoseRun({ observation, verdicts, token }: RunFindings): Outcome {
  const { facts, failure } = observation;
  if (failure) return diagnoseFailure(failure, facts);

  const broken = verdicts.filter(({ holds }) => !holds);
  const [first] = broken;
  if (!first) return passed;

  const { url, status } = facts;
  const evidence = evidenceOf({ url, status, broken: broken.map(({ expected, got }) => `${expected}: got ${got}`) });
  if (status !== undefined && isUnwanted(verdicts)) {
    const expected = broken.find(({ assertion }) => assertion === 'status')?.expected;
    const tookMs = targetDurationMs(observation.phases);
    const outcome = diagnoseStatus({ status, facts, tookMs, token, expected, evidence });
    if (outcome) return outcome;
    if (expected !== undefined)
      return troubled('assertion_failed', `the target answered ${statusText(status)}; expected ${expected}`, {
        ...evidence,
        ...evidenceOf({ location: redirectTarget(facts) }),
      });
  }
  return troubled('assertion_failed', `expected ${first.expected}, got ${first.got}`, evidence);
}

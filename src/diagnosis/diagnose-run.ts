import { type Outcome, passed, troubled } from '../model/cause.ts';
import type { Facts, Failure, Observation } from '../model/observation.ts';
import type { TokenView } from '../model/token.ts';
import type { Verdict } from '../model/verdict.ts';
import { diagnoseStatus } from './diagnose-status.ts';
import { evidenceOf } from './evidence.ts';
import { statusText } from './http-status.ts';
import { networkCause } from './network-cause.ts';
import { networkDetail } from './network-detail.ts';
import { quote } from './quote.ts';

interface RunFindings {
  readonly observation: Observation;
  readonly verdicts: readonly Verdict[];
  /** The token that the run sent, as it stands now; absent for a check without one. */
  readonly token?: TokenView;
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
  const aboutStatus = verdicts.filter(({ assertion }) => assertion === 'status');
  const unwanted = aboutStatus.find(({ holds }) => !holds);
  if (status !== undefined && (unwanted || aboutStatus.length === 0)) {
    const expected = unwanted?.expected;
    const outcome = diagnoseStatus({ status, facts, token, expected, evidence });
    if (outcome) return outcome;
    if (unwanted)
      return troubled('assertion_failed', `the target answered ${statusText(status)}; expected ${expected}`, {
        ...evidence,
        ...evidenceOf({ location: redirectTarget(facts) }),
      });
  }
  return troubled('assertion_failed', `expected ${first.expected}, got ${first.got}`, evidence);
}

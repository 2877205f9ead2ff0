import { type CauseCode, type Evidence, type Outcome, passed, troubled } from '../model/cause.ts';
import { answerDateMs } from '../model/http-date.ts';
import { type Failure, targetDurationMs } from '../model/observation.ts';
import type { TokenObservation } from '../model/token.ts';
import { evidenceOf } from './evidence.ts';
import { statusText } from './http-status.ts';
import { networkCause } from './network-cause.ts';
import { networkDetail } from './network-detail.ts';
import { quote, quoteAll } from './quote.ts';
import { secretUnavailable } from './secret-unavailable.ts';
import { type Refuser, signedSkew, stampEvidence } from './signed-skew.ts';
import type { SigningClock } from './signing-clock.ts';
import { dateText } from './token-clock.ts';
import { causeOfError, refusedSignature, refusesClient } from './token-error.ts';
import { diagnoseAbsent, diagnoseSpent, withAdvice } from './token-record.ts';

/** What stands around a token run. */
interface TokenCircumstances {
  /** Name of the token, for the command that a person is told. */
  readonly token?: string;
  /** The clock that assertions and proofs are stamped by. */
  readonly clock?: SigningClock;
}

const unknownClock: SigningClock = { toleranceMs: 1000, isCorrected: false };

function evidenceFrom(seen: TokenObservation): Evidence {
  const { headers, spendingSinceMs, aheadOfIssuerMs } = seen;
  const quoted = (text: string | undefined) => (text === undefined ? undefined : quote(text));
  return evidenceOf({
    grant: seen.grant,
    endpoint: seen.endpoint,
    url: quoted(seen.url),
    code: quoted(seen.failure?.code),
    phase: seen.failure?.phase,
    status: seen.status,
    error: quoted(seen.error),
    error_description: quoted(seen.errorDescription),
    content_type: quoted(headers?.['content-type']),
    retry_after: quoted(headers?.['retry-after']),
    challenge: quoted(headers?.['www-authenticate']),
    body_start: quoted(seen.bodyStart),
    store_problem: quoted(seen.storeProblem),
    sent_before: spendingSinceMs === undefined ? undefined : dateText(spendingSinceMs / 1000),
    ahead_of_issuer_seconds: aheadOfIssuerMs === undefined ? undefined : Math.round(aheadOfIssuerMs) / 1000,
  });
}

/** The network's failure on the way to the issuer; its own cause is evidence, since the blame is the issuer's. */
function diagnoseFailure(failure: Failure, seen: TokenObservation, evidence: Evidence): Outcome {
  const cause = networkCause(failure);
  const detail = networkDetail(cause, failure, 'the issuer', seen.url);
  if (cause === 'shutdown' || cause === 'internal') return troubled(cause, detail, evidence);
  const misunderstood = cause === 'protocol_error' || cause === 'body_too_large';
  return troubled(misunderstood ? 'issuer_protocol_error' : 'issuer_unavailable', detail, {
    ...evidence,
    network_cause: cause,
  });
}

/** A token that was granted, and kept; it may lack what it was asked for. */
function diagnoseGranted({ granted, missingScopes }: TokenObservation, evidence: Evidence): Outcome {
  if (!missingScopes) return passed;
  const asked = quoteAll(missingScopes.asked);
  const needs = Object.entries(missingScopes.byCheck).map(([check, scopes]) => ({ check, scopes: quoteAll(scopes) }));
  const told = [
    ...(asked.length > 0 ? [`the issuer granted the token without ${asked.join(' ')}, which sonde asked for`] : []),
    ...needs.map(({ check, scopes }) => `the check ${check} needs ${scopes.join(' ')}, which the token lacks`),
  ];
  return troubled('insufficient_scope', told.join('; '), {
    ...evidence,
    ...evidenceOf({
      granted_scopes: granted?.scopes && quoteAll(granted.scopes),
      missing_scopes: [...new Set([...asked, ...needs.flatMap(({ scopes }) => scopes)])],
      needed_by: needs.map(({ check }) => check),
    }),
  });
}

/** A whole answer that did not bring a token, or what the issuer said by the person's browser. */
function diagnoseAnswer(
  seen: TokenObservation,
  { token, clock }: Required<TokenCircumstances>,
  common: Evidence,
): Outcome {
  const { grant, status, error, errorDescription, protocolProblem } = seen;
  const answered = status === undefined ? 'the issuer answered' : `the issuer answered ${statusText(status)}`;
  if (status !== undefined && (status >= 500 || status === 429))
    return troubled('issuer_unavailable', answered, common);

  const word = error === undefined ? 'names no error' : `says ${quote(error)}`;
  const said = `${answered} and ${word}${errorDescription === undefined ? '' : `: ${quote(errorDescription)}`}`;
  const claims = refusedSignature(seen);
  const by = refuserOf(seen);
  const evidence = claims ? { ...common, ...stampEvidence({ claims, clock }, by) } : common;
  const skew = claims && signedSkew({ claims, clock }, by);
  if (skew !== undefined) return troubled('clock_skew', `${said}; ${skew}`, evidence);

  if (error !== undefined) {
    const cause = causeOfError(error, seen);
    return troubled(cause, wantsPerson.has(cause) ? withAdvice(said, grant, token) : said, evidence);
  }
  if (refusesClient(seen)) return troubled('invalid_client', said, evidence);
  const problem = protocolProblem === undefined ? '' : `: ${quote(protocolProblem)}`;
  return troubled('issuer_protocol_error', `${answered}${problem}`, evidence);
}

const wantsPerson: ReadonlySet<CauseCode> = new Set<CauseCode>(['consent_required', 'invalid_grant', 'code_reused']);

function refuserOf({ headers, phases }: TokenObservation): Refuser {
  return { party: 'the issuer', dateMs: answerDateMs(headers), tookMs: targetDurationMs(phases) };
}

/**
 * Turns what a token run saw into how it ended. It passed exactly when a token was granted that lacks no scope, and kept
 * if it has to be. Where causes compete, a store that fails comes first (its token is not used), then a secret that is
 * not there, the network, our own record of what was sent, and the issuer's answer. Pure, and never throws.
 */
export function diagnoseTokenRun(
  seen: TokenObservation,
  { token = 'NAME', clock = unknownClock }: TokenCircumstances = {},
): Outcome {
  const evidence = evidenceFrom(seen);
  if (seen.storeProblem !== undefined)
    return troubled('secret_unavailable', `the token store failed: ${quote(seen.storeProblem)}`, evidence);
  if (seen.missingSecret) return secretUnavailable(seen.missingSecret, evidence);
  if (seen.failure) return diagnoseFailure(seen.failure, seen, evidence);
  if (seen.granted) return diagnoseGranted(seen, evidence);
  const spent = diagnoseSpent(seen, token, evidence);
  if (spent) return spent;
  if (seen.status !== undefined || seen.error !== undefined) return diagnoseAnswer(seen, { token, clock }, evidence);
  if (seen.protocolProblem !== undefined)
    return troubled('issuer_protocol_error', quote(seen.protocolProblem), evidence);
  return (
    diagnoseAbsent(seen, token, evidence) ??
    troubled('internal', 'the token run ended without asking the issuer', evidence)
  );
}

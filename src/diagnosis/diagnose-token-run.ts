import { type CauseCode, type Evidence, type Outcome, passed, troubled } from '../model/cause.ts';
import type { Failure } from '../model/observation.ts';
import type { TokenObservation } from '../model/token.ts';
import { evidenceOf } from './evidence.ts';
import { statusText } from './http-status.ts';
import { networkCause } from './network-cause.ts';
import { networkDetail } from './network-detail.ts';
import { quote } from './quote.ts';

/**
 * Error codes of RFC 6749 sections 4.1.2.1 and 5.2, and of OpenID Connect Core section 3.1.2.6. A code that is not here
 * is a misunderstanding between the two sides.
 */
const causeByError: ReadonlyMap<string, CauseCode> = new Map<string, CauseCode>([
  ['invalid_client', 'invalid_client'],
  // The client exists, but may not do what `grant:` asks for.
  ['unauthorized_client', 'invalid_client'],
  ['unsupported_grant_type', 'invalid_client'],
  ['invalid_grant', 'invalid_grant'],
  ['invalid_scope', 'invalid_scope'],
  ['consent_required', 'consent_required'],
  ['interaction_required', 'consent_required'],
  ['login_required', 'consent_required'],
  ['account_selection_required', 'consent_required'],
  ['access_denied', 'consent_required'],
  ['server_error', 'issuer_unavailable'],
  ['temporarily_unavailable', 'issuer_unavailable'],
  ['slow_down', 'issuer_unavailable'],
]);

function evidenceFrom(seen: TokenObservation): Evidence {
  const { headers } = seen;
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

/** RFC 6749 section 5.2: with 401 a token endpoint speaks of the client's authentication, whatever word it uses. */
function refusesClient(seen: TokenObservation): boolean {
  return seen.status === 401 && seen.endpoint === 'token';
}

function causeOfError(error: string, seen: TokenObservation): CauseCode {
  // Some issuers say this of a wrong secret; and in this grant there is no person who could deny anything.
  if (error === 'access_denied' && (refusesClient(seen) || seen.grant === 'client_credentials'))
    return 'invalid_client';
  return causeByError.get(error) ?? (refusesClient(seen) ? 'invalid_client' : 'issuer_protocol_error');
}

/** A whole answer that did not bring a token. */
function diagnoseAnswer(status: number, seen: TokenObservation, evidence: Evidence): Outcome {
  const { error, errorDescription, protocolProblem } = seen;
  const answered = `the issuer answered ${statusText(status)}`;
  if (status >= 500 || status === 429) return troubled('issuer_unavailable', answered, evidence);
  if (error !== undefined) {
    const said = errorDescription === undefined ? quote(error) : `${quote(error)}: ${quote(errorDescription)}`;
    return troubled(causeOfError(error, seen), `${answered} and says ${said}`, evidence);
  }
  if (refusesClient(seen)) return troubled('invalid_client', `${answered} and names no error`, evidence);
  const problem = protocolProblem === undefined ? '' : `: ${quote(protocolProblem)}`;
  return troubled('issuer_protocol_error', `${answered}${problem}`, evidence);
}

/**
 * Turns what a token run saw into how it ended. It passed exactly when a token was granted, and kept if it has to be.
 * Where causes compete, a store that fails comes first (its token is not used), then the network, then our own record
 * of the refresh token, then the issuer's answer. Pure, and never throws.
 */
export function diagnoseTokenRun(seen: TokenObservation): Outcome {
  const evidence = evidenceFrom(seen);
  if (seen.storeProblem !== undefined)
    return troubled('secret_unavailable', `the token store failed: ${quote(seen.storeProblem)}`, evidence);
  if (seen.failure) return diagnoseFailure(seen.failure, seen, evidence);
  if (seen.granted) return passed;
  if (seen.refreshToken === 'spent')
    return troubled(
      'refresh_token_rotated_away',
      'by our own record this refresh token was spent before, and its successor is not in our store',
      evidence,
    );
  if (seen.status !== undefined) return diagnoseAnswer(seen.status, seen, evidence);
  if (seen.protocolProblem !== undefined)
    return troubled('issuer_protocol_error', quote(seen.protocolProblem), evidence);
  if (seen.refreshToken === 'absent')
    return troubled(
      'invalid_grant',
      'there is no refresh token to send: none is configured and none is kept',
      evidence,
    );
  return troubled('internal', 'the token run ended without asking the issuer', evidence);
}

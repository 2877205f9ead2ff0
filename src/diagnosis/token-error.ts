import type { CauseCode } from '../model/cause.ts';
import type { SignedClaims, TokenObservation } from '../model/token.ts';

/**
 * Error codes of RFC 6749 sections 4.1.2.1 and 5.2, RFC 8628 section 3.5, RFC 8707 section 2, RFC 9449 section 12.2, and
 * OpenID Connect (Core section 3.1.2.6, and Unmet Authentication Requirements). A code that is not here is a
 * misunderstanding between the two sides.
 */
const causeByError: ReadonlyMap<string, CauseCode> = new Map<string, CauseCode>([
  ['invalid_client', 'invalid_client'],
  // The client exists, but may not do what `grant:` asks for.
  ['unauthorized_client', 'invalid_client'],
  ['unsupported_grant_type', 'invalid_client'],
  ['unsupported_response_type', 'invalid_client'],
  ['invalid_grant', 'invalid_grant'],
  ['invalid_scope', 'invalid_scope'],
  ['invalid_target', 'invalid_scope'],
  ['consent_required', 'consent_required'],
  ['interaction_required', 'consent_required'],
  ['login_required', 'consent_required'],
  ['account_selection_required', 'consent_required'],
  ['unmet_authentication_requirements', 'consent_required'],
  ['access_denied', 'consent_required'],
  ['authorization_pending', 'consent_required'],
  ['expired_token', 'consent_required'],
  ['server_error', 'issuer_unavailable'],
  ['temporarily_unavailable', 'issuer_unavailable'],
  ['slow_down', 'issuer_unavailable'],
  // With 401 as well they speak of the proof, and not of the client.
  ['invalid_dpop_proof', 'issuer_protocol_error'],
  ['use_dpop_nonce', 'issuer_protocol_error'],
]);

/**
 * RFC 6749 section 5.2: with 401 an endpoint at which clients authenticate speaks of that, whatever word it uses, unless
 * the word is one of those above.
 */
export function refusesClient({ status, endpoint }: TokenObservation): boolean {
  return status === 401 && endpoint !== 'discovery' && endpoint !== 'authorization';
}

/** The cause that an error code of the issuer stands for. */
export function causeOfError(error: string, seen: TokenObservation): CauseCode {
  // Some issuers say this of a wrong secret; and in this grant there is no person who could deny anything.
  if (error === 'access_denied' && (refusesClient(seen) || seen.grant === 'client_credentials'))
    return 'invalid_client';
  // RFC 8628 section 3.5: a variant of `authorization_pending`.
  if (error === 'slow_down' && seen.grant === 'device_code') return 'consent_required';
  if (error === 'invalid_grant' && seen.code !== undefined && saysUsed(seen)) return 'code_reused';
  return causeByError.get(error) ?? (refusesClient(seen) ? 'invalid_client' : 'issuer_protocol_error');
}

const usedWords = /\b(?:redeemed|consumed|(?:already|previously|been|was)\s+used)\b/i;

/** "Invalid, expired or already used", a stock phrase, does not tell which of them it was. */
function saysUsed({ errorDescription = '' }: TokenObservation): boolean {
  return usedWords.test(errorDescription) && !/\bor\b/i.test(errorDescription);
}

const signedByError: ReadonlyMap<string, SignedClaims['kind']> = new Map([
  ['invalid_client', 'client_assertion'],
  ['invalid_grant', 'assertion'],
  ['invalid_dpop_proof', 'dpop_proof'],
] as const);

/** What we signed and the issuer's error is about; undefined when the error speaks of something else. */
export function refusedSignature(seen: TokenObservation): SignedClaims | undefined {
  const { error = '', errorDescription = '', signed = [] } = seen;
  const isBareRefusal = refusesClient(seen) && !causeByError.has(error);
  const kind = isBareRefusal ? 'client_assertion' : signedByError.get(error);
  const isNamed = ({ kind: own }: SignedClaims) =>
    own === kind || (error === 'invalid_request' && isMeant(own, errorDescription));
  return signed.find(isNamed);
}

/** Some issuers have but one code for all that is wrong with a request, and name the part in their description. */
function isMeant(kind: SignedClaims['kind'], description: string): boolean {
  return (kind === 'dpop_proof' ? /\b(?:dpop|proof)\b/i : /\b(?:assertion|jwt)\b/i).test(description);
}

import { type Evidence, type Outcome, troubled } from '../model/cause.ts';
import type { TokenObservation } from '../model/token.ts';
import { dateText } from './token-clock.ts';

/** Grants whose access begins with a person. */
const loginGrants: ReadonlySet<string> = new Set(['authorization_code', 'device_code']);

/** A sentence, and what a person can do to bring a new refresh token, where the grant has one. */
export function withAdvice(told: string, grant: string, token: string): string {
  const login = `run \`sonde login … --token ${token}\``;
  if (loginGrants.has(grant)) return `${told}; ${login}`;
  return grant === 'refresh_token' ? `${told}; ${login}, or set a new refresh token and reload` : told;
}

/** What by our own record was spent: it is not sent again, or the issuer has refused it. */
export function diagnoseSpent(seen: TokenObservation, token: string, evidence: Evidence): Outcome | undefined {
  if (seen.code === 'used')
    return troubled(
      'code_reused',
      withAdvice('this authorization code was sent before, and none is sent twice', seen.grant, token),
      evidence,
    );
  const told = spentWords(seen);
  return told === undefined
    ? undefined
    : troubled('refresh_token_rotated_away', withAdvice(told, seen.grant, token), evidence);
}

function spentWords({ refreshToken, spendingSinceMs }: TokenObservation): string | undefined {
  if (refreshToken === 'taken')
    return 'the issuer refuses the refresh token that it gave us last, and we had not sent it before: another holder has spent it, or the access was ended at the issuer';
  if (refreshToken !== 'spent') return undefined;
  return spendingSinceMs === undefined
    ? 'by our own record this refresh token was spent before, and its successor is not in our store'
    : `by our own record this refresh token was sent at ${dateText(spendingSinceMs / 1000)}, and no answer with its successor was kept`;
}

/** There was nothing to send, so the issuer was not asked. */
export function diagnoseAbsent(
  { grant, refreshToken }: TokenObservation,
  token: string,
  evidence: Evidence,
): Outcome | undefined {
  if (refreshToken === 'logged_out')
    return troubled('consent_required', withAdvice('`sonde logout` has ended the access', grant, token), evidence);
  if (refreshToken === 'foreign') return troubled(causeOfNone(grant), withAdvice(foreign, grant, token), evidence);
  if (refreshToken !== 'absent') return undefined;
  const told = loginGrants.has(grant)
    ? 'nobody has given consent yet'
    : 'there is no refresh token to send: none is configured and none is kept';
  return troubled(causeOfNone(grant), withAdvice(told, grant, token), evidence);
}

const foreign =
  'what is kept was granted by another issuer, or to another client, than the configuration names now, and is not sent to this one';

function causeOfNone(grant: string): 'consent_required' | 'invalid_grant' {
  return loginGrants.has(grant) ? 'consent_required' : 'invalid_grant';
}

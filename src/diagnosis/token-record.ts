import { type Evidence, type Outcome, troubled } from '../model/cause.ts';
import type { TokenObservation } from '../model/token.ts';
import { dateText } from './token-clock.ts';

/** Grants whose access begins with a person, by `sonde login`. */
const loginGrants: ReadonlySet<string> = new Set(['authorization_code', 'device_code']);

/** What a person can do who has to give consent, as a clause. */
export function consentAdvice(grant: string, token: string): string {
  return loginGrants.has(grant) ? `run \`sonde login … --token ${token}\`` : 'set a new refresh token, and reload';
}

/** What our own record says was spent: it is not sent again, or the issuer has refused it. */
export function diagnoseSpent(seen: TokenObservation, evidence: Evidence): Outcome | undefined {
  if (seen.code === 'used')
    return troubled(
      'code_reused',
      'by our own record this authorization code was sent before; it is not sent again',
      evidence,
    );
  if (seen.refreshToken === 'taken')
    return troubled(
      'refresh_token_rotated_away',
      'the issuer refuses the refresh token that it gave us last, and that we had not sent before: another holder has spent it, or a person has ended the access',
      evidence,
    );
  if (seen.refreshToken !== 'spent') return undefined;
  const { spendingSinceMs } = seen;
  return troubled(
    'refresh_token_rotated_away',
    spendingSinceMs === undefined
      ? 'by our own record this refresh token was spent before, and its successor is not in our store'
      : `by our own record this refresh token was sent at ${dateText(spendingSinceMs / 1000)}, and the answer with its successor never came or was not kept`,
    evidence,
  );
}

/** There was nothing to send, so the issuer was not asked. */
export function diagnoseAbsent(seen: TokenObservation, token: string, evidence: Evidence): Outcome | undefined {
  const { grant, refreshToken } = seen;
  const advice = consentAdvice(grant, token);
  if (refreshToken === 'logged_out')
    return troubled('consent_required', `\`sonde logout\` has ended the access: ${advice}`, evidence);
  if (refreshToken !== 'absent') return undefined;
  if (loginGrants.has(grant))
    return troubled(
      'consent_required',
      `nobody has given consent yet, or what was granted has ended: ${advice}`,
      evidence,
    );
  return troubled('invalid_grant', 'there is no refresh token to send: none is configured and none is kept', evidence);
}

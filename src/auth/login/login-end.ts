import { compact } from '../../model/compact.ts';
import type { TokenObservation } from '../../model/token.ts';
import type { LoginTokens } from '../authorizer.ts';
import type { Issuer, IssuerAnswer } from '../issuer.ts';
import { toldLifeMs } from '../source/told-life.ts';

/** How an attempt to log in ended. */
export type LoginEnd =
  | { readonly kind: 'granted'; readonly tokens: LoginTokens }
  /** By the issuer, by the network on the way to it, or by our own record of the code: for the diagnosis. */
  | { readonly kind: 'refused'; readonly observation: TokenObservation }
  /** What came back is not the answer to this attempt; a sentence for a person. */
  | { readonly kind: 'foreign'; readonly problem: string }
  /** Nobody has consented in time. */
  | { readonly kind: 'late' }
  /** The person has ended it. */
  | { readonly kind: 'stopped' };

/** What the answer of the token endpoint makes of a login. */
export async function endOfLogin(issuer: Pick<Issuer, 'dpopKey'>, answer: IssuerAnswer): Promise<LoginEnd> {
  const { observation, access, refreshToken, sentAt } = answer;
  if (!access || !sentAt) return { kind: 'refused', observation };
  const { value: accessToken, type: tokenType, scopes } = access;
  const expiresInMs = toldLifeMs(accessToken, access.expiresInMs, observation.headers?.date);
  const dpopKey = await issuer.dpopKey();
  return {
    kind: 'granted',
    tokens: compact({ accessToken, tokenType, expiresInMs, scopes, refreshToken, dpopKey, sentAt }),
  };
}

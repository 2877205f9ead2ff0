import type { TimeClaims, TokenView } from '../model/token.ts';

/** How the time of a refused token stands. Claims and dates are seconds since 1970. */
export type TokenTime =
  | { readonly kind: 'live' }
  | { readonly kind: 'expired'; readonly reason: string }
  | {
      readonly kind: 'skewed';
      readonly claim: keyof TimeClaims;
      readonly claimed: number;
      readonly targetDate: number;
    };

/** Claims and `Date` are whole seconds, and some servers make their `Date` but once a second: less proves nothing. */
const slackSeconds = 2;

/** Seconds that the token has by our monotonic count; infinite when nothing says that it ends. */
function secondsLeft({ ageMs, expiresInMs, claims }: TokenView): number {
  const byAnswer = (expiresInMs ?? Number.POSITIVE_INFINITY) / 1000;
  if (claims?.exp === undefined || claims.iat === undefined) return byAnswer;
  // Some issuers name a longer life in `expires_in` than the token itself holds.
  return Math.min(byAnswer, claims.exp - claims.iat - ageMs / 1000);
}

/**
 * Tells a token that ran out from one that a clock makes look so. Its life is counted on the monotonic clock, so this
 * host's wall clock takes no part. `targetDateMs` is the target's `Date` header; without it, or for an opaque token,
 * nothing is said of clocks.
 */
export function tokenTime(token: TokenView, targetDateMs: number | undefined): TokenTime {
  const left = secondsLeft(token);
  if (left <= slackSeconds)
    return {
      kind: 'expired',
      reason: left > 0 ? 'it was at the end of its life' : `it ran out ${Math.round(-left)} s ago by our own count`,
    };
  const { claims, expiresInMs } = token;
  if (!claims || targetDateMs === undefined) return { kind: 'live' };

  const targetDate = targetDateMs / 1000;
  for (const claim of ['nbf', 'iat'] as const) {
    const claimed = claims[claim];
    if (claimed !== undefined && claimed - targetDate >= slackSeconds)
      return { kind: 'skewed', claim, claimed, targetDate };
  }
  if (claims.exp === undefined || targetDate < claims.exp) return { kind: 'live' };
  // Only an `expires_in` that we counted from its answer is a second opinion; a static token may simply be old.
  if (expiresInMs !== undefined) return { kind: 'skewed', claim: 'exp', claimed: claims.exp, targetDate };
  return { kind: 'expired', reason: `its exp lies ${targetDate - claims.exp} s before the target's Date` };
}

/** The longest time that a `Date` can hold, in seconds either side of 1970. */
const dateRangeSeconds = 8.64e12;

/** A claim is whatever the token says; what no calendar holds is shown as its number. */
export function dateText(seconds: number): string {
  return Math.abs(seconds) <= dateRangeSeconds ? new Date(seconds * 1000).toISOString() : `${seconds}`;
}

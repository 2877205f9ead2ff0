import { compact } from '../../model/compact.ts';
import type { AccessToken, SkewView, TimeClaims, TokenView } from '../../model/token.ts';
import type { Clock } from '../../system/clock.ts';
import type { Authorizer } from '../authorizer.ts';
import type { ReceivedToken } from '../grants/grant.ts';
import { asOfNow, type Lifetime } from './lifetime.ts';
import { timeClaims } from './time-claims.ts';

/** The access token that a source holds, live or expired. */
export interface HeldToken {
  /** Undefined once it has expired. */
  current(): AccessToken | undefined;
  readonly authorizer: Authorizer;
  /** Whether there is something to have a successor with. */
  readonly renewable: boolean;
  lifetime(): Lifetime;
  view(): Omit<TokenView, 'name' | 'lastRun'>;
}

/** Holds a token to the earliest of its expiries: on both clocks, and in true time where that is known. */
export function createHeldToken(
  { clock, skew }: { readonly clock: Clock; readonly skew: () => SkewView | undefined },
  { value, scopes, generation, renewable, lifetime: received }: ReceivedToken,
  authorizer: Authorizer,
): HeldToken {
  const claims: TimeClaims | undefined = timeClaims(value.reveal());
  let known = received;
  const lifetime = () => {
    known = asOfNow(known, clock, skew());
    return known;
  };
  return {
    lifetime,
    authorizer,
    renewable,
    current() {
      const { obtainedAtMs, expiresAtMs } = lifetime();
      return expiresAtMs > clock.monotonicMs()
        ? compact({ value, obtainedAtMs, expiresAtMs, scopes, generation })
        : undefined;
    },
    view() {
      const { obtainedAtMs, expiresAtMs } = lifetime();
      const nowMs = clock.monotonicMs();
      return compact({ ageMs: nowMs - obtainedAtMs, expiresInMs: expiresAtMs - nowMs, scopes, generation, claims });
    },
  };
}

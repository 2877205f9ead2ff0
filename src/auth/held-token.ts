import { compact } from '../model/compact.ts';
import type { AccessToken, TimeClaims, TokenView } from '../model/token.ts';
import type { Clock } from '../system/clock.ts';
import type { Authorizer } from './authorizer.ts';
import { createBearer, type Presentation } from './bearer.ts';
import type { ReceivedToken } from './grant.ts';
import { asOfNow, type Lifetime } from './lifetime.ts';
import { timeClaims } from './time-claims.ts';

/** The access token that a source holds, live or expired. */
export interface HeldToken {
  /** Undefined once it has expired. */
  current(): AccessToken | undefined;
  readonly authorizer: Authorizer;
  lifetime(): Lifetime;
  view(): Omit<TokenView, 'name' | 'lastRun'>;
}

/** Holds a token to the earlier of its expiries on the two clocks. */
export function createHeldToken(clock: Clock, received: ReceivedToken, presentation: Presentation): HeldToken {
  const { value, scopes, generation } = received;
  const claims: TimeClaims | undefined = timeClaims(value.reveal());
  let known = received.lifetime;
  const lifetime = () => {
    known = asOfNow(known, clock);
    return known;
  };
  return {
    lifetime,
    authorizer: createBearer(value, presentation),
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

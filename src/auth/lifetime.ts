import type { Clock } from '../system/clock.ts';
import type { Instant } from './issuer-door.ts';

/** When a token was had and when it ends, on both clocks, in milliseconds. */
export interface Lifetime {
  /** Monotonic: when the request for the token was sent. */
  readonly obtainedAtMs: number;
  /** Monotonic. */
  readonly expiresAtMs: number;
  /** Milliseconds since 1970, by this host's clock at the time of sending. */
  readonly expiresAtWallMs: number;
  /** Wall-clock time less monotonic time when the two were last held against each other. */
  readonly wallOffsetMs: number;
}

/** What a token lives whose issuer does not say: one hour. */
export const defaultLifeMs = 3_600_000;

/** Two clocks that part by more than this did not drift: the host was suspended, or its clock was set. */
const toleratedPartingMs = 5000;

/** Counts from the time of sending: the issuer began to count later, so our end is never after its own. */
export function lifetimeFrom(sentAt: Instant, lifeMs = defaultLifeMs): Lifetime {
  return {
    obtainedAtMs: sentAt.monotonicMs,
    expiresAtMs: sentAt.monotonicMs + lifeMs,
    expiresAtWallMs: sentAt.wallMs + lifeMs,
    wallOffsetMs: sentAt.wallMs - sentAt.monotonicMs,
  };
}

/**
 * The lifetime of a token that an earlier process had, from the wall-clock times in the store: all that outlives a
 * process. Undefined when its receipt lies ahead of this host's clock: the clock was set back, and what is left of the
 * token's life is not known.
 */
export function restoredLifetime(
  clock: Clock,
  obtainedAtWallMs: number,
  expiresAtWallMs: number,
): Lifetime | undefined {
  const wallOffsetMs = clock.wallMs() - clock.monotonicMs();
  if (obtainedAtWallMs > clock.wallMs() + toleratedPartingMs) return undefined;
  return {
    obtainedAtMs: obtainedAtWallMs - wallOffsetMs,
    expiresAtMs: expiresAtWallMs - wallOffsetMs,
    expiresAtWallMs,
    wallOffsetMs,
  };
}

/** Holds the clocks against each other: where they have parted, the earlier of the two expiries holds from then on. */
export function asOfNow(lifetime: Lifetime, clock: Clock): Lifetime {
  const wallOffsetMs = clock.wallMs() - clock.monotonicMs();
  if (Math.abs(wallOffsetMs - lifetime.wallOffsetMs) <= toleratedPartingMs) return lifetime;
  const expiresAtMs = Math.min(lifetime.expiresAtMs, lifetime.expiresAtWallMs - wallOffsetMs);
  return { ...lifetime, expiresAtMs, wallOffsetMs };
}

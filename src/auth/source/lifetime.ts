import { compact } from '../../model/compact.ts';
import type { SkewView } from '../../model/token.ts';
import type { Clock } from '../../system/clock.ts';
import type { Instant } from '../issuer/issuer-door.ts';

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
  /** How far ahead of true time the wall clock was at the receipt; absent where that was not known. */
  readonly skewMs?: number;
  /** The issuer did not say how long the token lives. */
  readonly isAssumed: boolean;
}

/** What is stored of a lifetime: wall-clock milliseconds since 1970, and the skew of that moment. */
export interface StoredLifetime {
  readonly obtainedAtMs: number;
  readonly obtainedSkewMs?: number;
  /** Absent when the issuer did not say. */
  readonly expiresAtMs?: number;
}

/** What a token lives whose issuer does not say: one hour. */
export const defaultLifeMs = 3_600_000;

/** Two clocks that part by more than this did not drift: the host was suspended, or its clock was set. */
const toleratedPartingMs = 5000;

/** Counts from the time of sending: the issuer began to count later, so our end is never after its own. */
export function lifetimeFrom(sentAt: Instant, toldMs?: number, skew?: SkewView): Lifetime {
  const lifeMs = toldMs ?? defaultLifeMs;
  return {
    obtainedAtMs: sentAt.monotonicMs,
    expiresAtMs: sentAt.monotonicMs + lifeMs,
    expiresAtWallMs: sentAt.wallMs + lifeMs,
    wallOffsetMs: sentAt.wallMs - sentAt.monotonicMs,
    isAssumed: toldMs === undefined,
    ...(skew && { skewMs: skew.skewMs }),
  };
}

/** The part of a lifetime that outlives the process. */
export function storedLifetime(lifetime: Lifetime): StoredLifetime {
  const { obtainedAtMs, expiresAtWallMs, wallOffsetMs, skewMs, isAssumed } = lifetime;
  return compact({
    obtainedAtMs: obtainedAtMs + wallOffsetMs,
    expiresAtMs: isAssumed ? undefined : expiresAtWallMs,
    obtainedSkewMs: skewMs,
  });
}

/**
 * The lifetime of a token that another process had. Undefined when its receipt lies ahead of this host's clock: the clock
 * was set back, and what is left of the token's life is not known.
 */
export function restoredLifetime(
  clock: Clock,
  { obtainedAtMs, obtainedSkewMs, expiresAtMs }: StoredLifetime,
): Lifetime | undefined {
  const wallOffsetMs = clock.wallMs() - clock.monotonicMs();
  if (obtainedAtMs > clock.wallMs() + toleratedPartingMs) return undefined;
  const expiresAtWallMs = expiresAtMs ?? obtainedAtMs + defaultLifeMs;
  return compact({
    obtainedAtMs: obtainedAtMs - wallOffsetMs,
    expiresAtMs: expiresAtWallMs - wallOffsetMs,
    expiresAtWallMs,
    wallOffsetMs,
    skewMs: obtainedSkewMs,
    isAssumed: expiresAtMs === undefined,
  });
}

/**
 * Holds the clocks against each other: where they have parted, the earlier of the two expiries holds from then on. Where
 * the skew is known, of the receipt and of now, so does the expiry in true time: between two processes, and while a host
 * is suspended, the wall clock may be set back, which neither clock can show.
 */
export function asOfNow(lifetime: Lifetime, clock: Clock, skew?: SkewView): Lifetime {
  const wallOffsetMs = clock.wallMs() - clock.monotonicMs();
  const byWallMs = lifetime.expiresAtWallMs - wallOffsetMs;
  const hasParted = Math.abs(wallOffsetMs - lifetime.wallOffsetMs) > toleratedPartingMs;
  const known = hasParted
    ? { ...lifetime, expiresAtMs: Math.min(lifetime.expiresAtMs, byWallMs), wallOffsetMs }
    : lifetime;
  if (!skew || lifetime.skewMs === undefined) return known;
  const byTrueTimeMs = byWallMs - lifetime.skewMs + skew.skewMs;
  const isEarlier = byTrueTimeMs < known.expiresAtMs - toleratedPartingMs - skew.uncertaintyMs;
  return isEarlier ? { ...known, expiresAtMs: byTrueTimeMs } : known;
}

import type { AccessToken, Standing } from '../../model/token.ts';
import type { Clock } from '../../system/clock.ts';
import type { Authorizer } from '../authorizer.ts';
import type { HeldToken } from './held-token.ts';
import type { Inquiry } from './inquiry.ts';

/** The source whose tokens are suspected. */
export interface SuspectedSource {
  held(): HeldToken | undefined;
  current(): AccessToken | undefined;
  /** Whether a run, a login or a logout is under way, or the source has ended. */
  isBusy(): boolean;
  /** Whether its last run failed: then the back-off alone says when to ask again. */
  isFailing(): boolean;
  /** Gives up the token that it holds: its issuer says that it is dead. */
  drop(): void;
  /** Has a run at that monotonic time. */
  runAt(atMs: number): void;
}

export interface SuspicionPorts {
  readonly clock: Clock;
  /** Absent where the issuer is not to be asked. */
  readonly inquire?: Inquiry;
  /** Gets a sentence for the person on call. */
  readonly warn: (sentence: string) => void;
}

/** What comes of targets that refuse a source's tokens. */
export interface Suspicion {
  /** A target refused the live token, of that generation, with a 401. */
  suspect(generation: number): Promise<Standing>;
  /** Presents a token, and hears who takes it. */
  hearing(authorizer: Authorizer, generation: number): Authorizer;
  /** Whether the issuer has called the token of that generation dead before its time. */
  isRevoked(generation: number): boolean;
  /** A person has logged in: what was refused before says nothing of what comes. */
  forgive(): void;
}

/** After a refresh that a target's refusal has led to, further refusals lead to none for this long at the least. */
export const shortestCoolDownMs = 60_000;
const longestCoolDownMs = 3_600_000;

/**
 * A refused token has one refresh. When the fresh one is refused as well, the token is not what is wrong, so the cool-down
 * doubles with each further refresh, from a minute up to an hour, until a target that refused takes a token.
 *
 * An issuer may call any token inactive to a client that is not allowed to see it (RFC 7662 section 2.2). So when the
 * successor of a token that it called inactive is called so too before it was of use to anyone, the issuer is believed no
 * more until it calls one active: the token is sent on.
 */
export function createSuspicion(source: SuspectedSource, { clock, inquire, warn }: SuspicionPorts): Suspicion {
  /** The generation that the issuer has called dead before its time. */
  let revoked: number | undefined;
  /** The generation that was given up last. */
  let dropped: number | undefined;
  let isBelieved = true;
  let hasWarned = false;
  /** The last generation that a target has taken. */
  let taken = 0;
  /** Origins that refused a token, and have taken none since. */
  const refusing = new Set<string>();
  /** Refreshes by suspicion since such an origin has taken a token. */
  let refreshes = 0;
  let refreshedAtMs = Number.NEGATIVE_INFINITY;

  const coolDownMs = () => Math.min(longestCoolDownMs, shortestCoolDownMs * 2 ** Math.max(0, refreshes - 1));

  /** One refresh, then none for a cool-down; a token that is known dead has its refresh when the shortest one ends. */
  const refresh = (isDead: boolean) => {
    const nowMs = clock.monotonicMs();
    const atMs = Math.max(nowMs, refreshedAtMs + (isDead ? shortestCoolDownMs : coolDownMs()));
    // A refused grant is not asked about at all.
    if (source.isBusy() || source.isFailing() || (atMs > nowMs && !isDead)) return;
    refreshedAtMs = atMs;
    refreshes += 1;
    source.runAt(atMs);
  };

  /** Whether the issuer, which calls this token inactive, is to be believed. */
  const believes = ({ generation, obtainedAtMs }: AccessToken) => {
    const isFresh = taken < generation || clock.monotonicMs() - obtainedAtMs < shortestCoolDownMs;
    if (dropped === generation - 1 && isFresh) isBelieved = false;
    if (!isBelieved && !hasWarned) {
      hasWarned = true;
      warn(unbelievable);
    }
    return isBelieved;
  };

  const drop = (isAssumed: boolean, generation: number): Standing => {
    source.drop();
    dropped = generation;
    // A refresh that has begun meanwhile may itself have ended the token.
    if (source.isBusy()) return 'unknown';
    refresh(true);
    // Where nobody knows how long it was to live, it may simply have expired.
    if (isAssumed) return 'unknown';
    revoked = generation;
    return 'revoked';
  };

  const hear = (generation: number, origin: string, status: number) => {
    if (status === 401) refusing.add(origin);
    if (status >= 400) return;
    taken = Math.max(taken, generation);
    if (refusing.delete(origin)) refreshes = 0;
  };

  return {
    async suspect(generation) {
      if (generation === revoked) return 'revoked';
      const suspected = source.held();
      const token = source.current();
      if (!suspected || token?.generation !== generation || source.isBusy()) return 'unknown';
      const answer = inquire ? await inquire(token) : 'unknown';
      if (source.held() !== suspected) return generation === revoked ? 'revoked' : 'unknown';
      if (answer === 'active') isBelieved = true;
      if (answer === 'inactive' && !source.current()) return 'expired';
      if (answer === 'inactive' && believes(token)) return drop(suspected.lifetime().isAssumed, generation);
      if (suspected.renewable) refresh(false);
      return answer === 'active' ? 'live' : 'unknown';
    },
    hearing: (authorizer, generation) => ({
      ...authorizer,
      heard(request, answer) {
        const wish = authorizer.heard(request, answer);
        // One that asks for a nonce has not looked at the token yet.
        if (wish === 'done') hear(generation, request.url.origin, answer.status);
        return wish;
      },
    }),
    isRevoked: (generation) => generation === revoked,
    forgive() {
      refreshes = 0;
      refusing.clear();
    },
  };
}

const unbelievable =
  'its issuer calls a token inactive that it has just granted, as it called the one before: its introspection cannot be believed, and refused tokens are sent on. Allow the client to introspect its tokens, or set `introspect: false`.';

import type { Outcome } from '../../model/cause.ts';
import type { TokenDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import type { Secret } from '../../model/secret.ts';
import { type SkewView, type StoredToken, type TokenObservation, TokenStoreError } from '../../model/token.ts';
import type { Clock } from '../../system/clock.ts';
import { isFailing } from '../issuer/failing-status.ts';
import type { Issuer, IssuerAnswer, TokenRun } from '../issuer.ts';
import { asOfNow, restoredLifetime } from '../source/lifetime.ts';
import { missingScopes } from '../source/missing-scopes.ts';
import { toldLifeMs } from '../source/told-life.ts';
import { type Attempt, type Grant, type ReceivedToken, receivedFrom } from './grant.ts';
import { logOut } from './log-out.ts';
import type { RefreshTokenFamily } from './refresh-token-family.ts';

export interface RefreshTokenGrantPorts {
  readonly clock: Clock;
  readonly skew: () => SkewView | undefined;
  /** Says what an observation comes to. */
  readonly judge: (observation: TokenObservation) => Outcome;
}

/**
 * RFC 6749 section 6, with rotation: what an answer brings is on disk before it is used. The first run takes a live
 * access token of an earlier process out of the store, and asks nobody; so does the one after a login. What could not be
 * stored is stored by a later run before anything else is asked.
 */
export function createRefreshTokenGrant(
  ports: RefreshTokenGrantPorts,
  issuer: Pick<Issuer, 'request' | 'revoke' | 'dpopKey' | 'useDpopKey'>,
  family: RefreshTokenFamily,
  definition: TokenDefinition,
): Grant {
  const { clock } = ports;
  const { grant } = definition;
  const nothingAsked: TokenObservation = { grant, phases: {} };
  /** Had from the store or from the issuer, and handed out by the next run that finds the store well. */
  let waiting: ReceivedToken | undefined;
  let unread = true;

  const refresh = async (run: TokenRun): Promise<Attempt> => {
    let token: Secret;
    let answer: IssuerAnswer;
    try {
      const next = await family.next();
      if (!('token' in next)) return { observation: { ...nothingAsked, ...next } };
      token = next.token;
      answer = await ask(run, token, lacksScopes());
    } catch (error) {
      return { observation: { ...nothingAsked, refreshToken: 'live', storeProblem: sentenceOf(error) } };
    }
    return answer.spent === 'yes' ? keep(answer, token) : leave(answer);
  };

  /** Whether the family was granted less than is asked for, which no refresh can add. */
  const lacksScopes = () => (missingScopes(definition, family.stored()?.scopes)?.asked.length ?? 0) > 0;

  const ask = async (run: TokenRun, refreshToken: Secret, keepsScopes: boolean) => {
    // Not before its permit is there: a process that ends in that wait has sent nothing.
    const beforeSending = () => family.intend(refreshToken, clock.wallMs());
    try {
      return await issuer.request(run, { grant: 'refresh_token', refreshToken, keepsScopes, beforeSending });
    } catch (error) {
      await family.spare();
      throw error;
    }
  };

  const keep = async (answer: IssuerAnswer, sent: Secret): Promise<Attempt> => {
    const brought = receivedFrom(answer, family.generation() + 1, ports.skew());
    // An issuer that is silent about them has granted the scopes of before (RFC 6749 section 6).
    const received = brought && compact({ ...brought, scopes: brought.scopes ?? family.stored()?.scopes });
    const observation: TokenObservation = { ...answer.observation, grant, refreshToken: 'live' };
    const dpopKey = await issuer.dpopKey();
    try {
      await family.succeed(sent, compact({ successor: answer.refreshToken, received, dpopKey }));
      return compact({ observation, received });
    } catch (error) {
      waiting = received;
      const { granted: _, ...unusable } = observation;
      return { observation: { ...unusable, storeProblem: sentenceOf(error) } };
    }
  };

  const leave = async ({ observation, spent, retryAfterMs }: IssuerAnswer): Promise<Attempt> => {
    const { error, status = 0 } = observation;
    const isRefused = error === 'invalid_grant' && !isFailing(status);
    const standing = isRefused ? await family.refuse() : family.standing();
    if (!isRefused) await (spent === 'unclear' ? family.doubt() : family.spare());
    return compact({ observation: { ...observation, grant, ...standing }, retryAfterMs });
  };

  /** Takes over what stands in the store. */
  const read = () => {
    const key = family.dpopKey();
    if (key) issuer.useDpopKey(key);
    waiting = restore(ports, family);
    unread = false;
  };

  return {
    async attempt(run) {
      try {
        await family.open();
        if (family.isLeaving()) await logOut(ports, issuer, family, run);
      } catch (error) {
        return { observation: { ...nothingAsked, storeProblem: sentenceOf(error) } };
      }
      if (unread) read();
      if (!waiting) return family.alone(() => refresh(run));
      const received = waiting;
      waiting = undefined;
      return { observation: { ...nothingAsked, ...family.standing(), granted: grantedOf(received) }, received };
    },
    async adopt(login) {
      await family.open();
      const hasReplaced = await family.adopt(login);
      unread = true;
      return hasReplaced;
    },
    async logout(run) {
      await family.open();
      waiting = undefined;
      unread = false;
      return logOut(ports, issuer, family, run);
    },
  };
}

/** Lets a bug through: only what the store says of itself is fit for a person. */
function sentenceOf(error: unknown): string {
  if (error instanceof TokenStoreError) return error.message;
  throw error;
}

/** The access token that an earlier process or a login left, if it is still live. */
function restore({ clock, skew }: RefreshTokenGrantPorts, family: RefreshTokenFamily): ReceivedToken | undefined {
  const record: StoredToken = family.stored() ?? { generation: 0 };
  const { accessToken, tokenType, obtainedAtMs, obtainedSkewMs, scopes, generation } = record;
  if (!accessToken || obtainedAtMs === undefined) return undefined;
  const storedMs = record.expiresAtMs === undefined ? undefined : record.expiresAtMs - obtainedAtMs;
  const lifeMs = toldLifeMs(accessToken, storedMs);
  const expiresAtMs = lifeMs === undefined ? undefined : obtainedAtMs + lifeMs;
  const stored = restoredLifetime(clock, compact({ obtainedAtMs, obtainedSkewMs, expiresAtMs }));
  const lifetime = stored && asOfNow(stored, clock, skew());
  if (!lifetime || lifetime.expiresAtMs <= clock.monotonicMs()) return undefined;
  // One that no refresh can follow is used until it ends; why a family was lost is told in time.
  const renewable = family.standing().refreshToken !== 'absent';
  return compact({ value: accessToken, tokenType, scopes, lifetime, generation, renewable });
}

function grantedOf({
  scopes,
  lifetime: { isAssumed, expiresAtMs, obtainedAtMs },
}: ReceivedToken): NonNullable<TokenObservation['granted']> {
  return compact({ scopes, expiresInMs: isAssumed ? undefined : expiresAtMs - obtainedAtMs });
}

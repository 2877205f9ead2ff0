import { compact } from '../model/compact.ts';
import type { Secret } from '../model/secret.ts';
import { type TokenObservation, TokenStoreError } from '../model/token.ts';
import type { Clock } from '../system/clock.ts';
import { isFailing } from './failing-status.ts';
import { type Attempt, type Grant, type ReceivedToken, receivedFrom } from './grant.ts';
import type { Issuer, IssuerAnswer, TokenRun } from './issuer.ts';
import { restoredLifetime } from './lifetime.ts';
import type { NextRefreshToken, RefreshTokenFamily } from './refresh-token-family.ts';

const nothingAsked: TokenObservation = { grant: 'refresh_token', phases: {} };

/**
 * RFC 6749 section 6, with rotation: what an answer brings is on disk before it is used. The first run takes a live
 * access token of an earlier process out of the store, and asks nobody. What could not be stored is stored by a later
 * run before anything else is asked.
 */
export function createRefreshTokenGrant(clock: Clock, issuer: Issuer, family: RefreshTokenFamily): Grant {
  /** Had from the store or from the issuer, and handed out by the next run that finds the store well. */
  let waiting: ReceivedToken | undefined;
  let first = true;

  const refresh = async (run: TokenRun): Promise<Attempt> => {
    let next: NextRefreshToken;
    try {
      next = await family.next();
      if (next.standing !== 'live') return { observation: { ...nothingAsked, refreshToken: next.standing } };
      await family.intend(next.token);
    } catch (error) {
      return { observation: { ...nothingAsked, refreshToken: 'live', storeProblem: sentenceOf(error) } };
    }
    const answer = await ask(run, next.token);
    return answer.spent === 'yes' ? keep(answer, next.token) : leave(answer);
  };

  const ask = async (run: TokenRun, refreshToken: Secret) => {
    try {
      return await issuer.request(run, { grant: 'refresh_token', refreshToken });
    } catch (error) {
      await family.spare();
      throw error;
    }
  };

  const keep = async (answer: IssuerAnswer, sent: Secret): Promise<Attempt> => {
    const received = receivedFrom(answer, family.generation() + 1);
    const observation: TokenObservation = { ...answer.observation, refreshToken: 'live' };
    try {
      await family.succeed(sent, answer.refreshToken, received);
      return compact({ observation, received });
    } catch (error) {
      waiting = received;
      const { granted: _, ...unusable } = observation;
      return { observation: { ...unusable, storeProblem: sentenceOf(error) } };
    }
  };

  const leave = async ({ observation, spent, retryAfterMs }: IssuerAnswer): Promise<Attempt> => {
    let refreshToken: 'live' | 'spent' = 'live';
    const { error, status = 0 } = observation;
    if (error === 'invalid_grant' && !isFailing(status))
      refreshToken = (await family.refuse()) === 'lost' ? 'spent' : 'live';
    else if (spent === 'unclear') family.doubt();
    else await family.spare();
    return compact({ observation: { ...observation, refreshToken }, retryAfterMs });
  };

  return {
    async attempt(run) {
      try {
        await family.open();
      } catch (error) {
        return { observation: { ...nothingAsked, storeProblem: sentenceOf(error) } };
      }
      if (first) waiting = restore(clock, family);
      first = false;
      if (!waiting) return family.alone(() => refresh(run));
      const received = waiting;
      waiting = undefined;
      return { observation: { ...nothingAsked, refreshToken: 'live', granted: grantedOf(received) }, received };
    },
  };
}

/** Lets a bug through: only what the store says of itself is fit for a person. */
function sentenceOf(error: unknown): string {
  if (error instanceof TokenStoreError) return error.message;
  throw error;
}

/** The access token that an earlier process left, if it is still live. */
function restore(clock: Clock, family: RefreshTokenFamily): ReceivedToken | undefined {
  const { accessToken, obtainedAtMs, expiresAtMs, scopes, generation = 0 } = family.stored() ?? {};
  if (!accessToken || obtainedAtMs === undefined || expiresAtMs === undefined) return undefined;
  const lifetime = restoredLifetime(clock, obtainedAtMs, expiresAtMs);
  if (!lifetime || lifetime.expiresAtMs <= clock.monotonicMs()) return undefined;
  return compact({ value: accessToken, scopes, lifetime, generation });
}

function grantedOf({ scopes, lifetime }: ReceivedToken): NonNullable<TokenObservation['granted']> {
  return compact({ scopes, expiresInMs: lifetime.expiresAtMs - lifetime.obtainedAtMs });
}

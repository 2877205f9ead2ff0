import { compact } from '../model/compact.ts';
import type { Secret } from '../model/secret.ts';
import type { TokenObservation } from '../model/token.ts';
import type { Issuer, IssuerAnswer, TokenRun } from './issuer.ts';
import { type Lifetime, lifetimeFrom } from './lifetime.ts';

/** An access token as a grant brings it. */
export interface ReceivedToken {
  readonly value: Secret;
  readonly scopes?: readonly string[];
  readonly lifetime: Lifetime;
  /** Counts the tokens of a source from 1. */
  readonly generation: number;
}

/** What one token run brought. */
export interface Attempt {
  readonly observation: TokenObservation;
  /** Present exactly when `observation.granted` is. */
  readonly received?: ReceivedToken;
  /** What the issuer asked for by `Retry-After`. */
  readonly retryAfterMs?: number;
}

/** One way to come by access tokens. */
export interface Grant {
  /** Throws `PermitRefused` alone. */
  attempt(run: TokenRun): Promise<Attempt>;
}

/** The access token of an answer; undefined when it brought none. */
export function receivedFrom({ access, sentAt }: IssuerAnswer, generation: number): ReceivedToken | undefined {
  if (!access || !sentAt) return undefined;
  const { value, scopes, expiresInMs } = access;
  return compact({ value, scopes, lifetime: lifetimeFrom(sentAt, expiresInMs), generation });
}

/**
 * RFC 6749 section 4.4. Tokens are kept in memory alone: a start proves that the client's credentials still work, and no
 * secret rests on disk.
 */
export function createClientCredentialsGrant(issuer: Issuer): Grant {
  let generation = 0;
  return {
    async attempt(run) {
      const answer = await issuer.request(run, { grant: 'client_credentials' });
      const received = receivedFrom(answer, generation + 1);
      if (received) generation = received.generation;
      return compact({ observation: answer.observation, received, retryAfterMs: answer.retryAfterMs });
    },
  };
}

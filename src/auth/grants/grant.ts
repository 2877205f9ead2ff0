import { compact } from '../../model/compact.ts';
import type { Secret } from '../../model/secret.ts';
import type { SkewView, TokenObservation, TokenType } from '../../model/token.ts';
import type { LoginTokens, LogoutReport } from '../authorizer.ts';
import type { Issuer, IssuerAnswer, TokenRun } from '../issuer.ts';
import { type Lifetime, lifetimeFrom } from '../source/lifetime.ts';
import { toldLifeMs } from '../source/told-life.ts';

/** An access token as a grant brings it. */
export interface ReceivedToken {
  readonly value: Secret;
  /** Absent in what was stored before it was noted. */
  readonly tokenType?: TokenType;
  readonly scopes?: readonly string[];
  readonly lifetime: Lifetime;
  /** Counts the tokens of a source from 1. */
  readonly generation: number;
  /** Whether there is something to have a successor with; without it the token is used until it ends. */
  readonly renewable: boolean;
}

/** What one token run brought. */
export interface Attempt {
  readonly observation: TokenObservation;
  /** Present exactly when `observation.granted` is. */
  readonly received?: ReceivedToken;
  /** What the issuer asked for by `Retry-After`. */
  readonly retryAfterMs?: number;
}

/** One way to come by access tokens. One call at a time. */
export interface Grant {
  /** Throws `PermitRefused` alone. */
  attempt(run: TokenRun): Promise<Attempt>;
  /**
   * Stores what a login brought; the next attempt hands it out. Throws `TokenStoreError`, and all is as before. Resolves
   * with whether a refresh token has been replaced that the issuer may take still.
   */
  adopt?(login: LoginTokens): Promise<boolean>;
  /** Revokes and forgets; the next attempt finds nothing. Throws `TokenStoreError`. */
  logout?(run: TokenRun): Promise<LogoutReport>;
}

/** The access token of an answer; undefined when it brought none. */
export function receivedFrom(
  { access, sentAt, observation }: IssuerAnswer,
  generation: number,
  skew: SkewView | undefined,
): ReceivedToken | undefined {
  if (!access || !sentAt) return undefined;
  const { value, type: tokenType, scopes, expiresInMs } = access;
  const lifetime = lifetimeFrom(sentAt, toldLifeMs(value, expiresInMs, observation.headers?.date), skew);
  return compact({ value, tokenType, scopes, lifetime, generation, renewable: true });
}

/**
 * By the client's own credentials (RFC 6749 section 4.4), or by an assertion that is made anew for each request (RFC 7523
 * section 2.1). Tokens are kept in memory alone: a start proves that the credentials still work, and no secret rests on
 * disk.
 */
export function createClientGrant(
  issuer: Pick<Issuer, 'request'>,
  grant: 'client_credentials' | 'jwt_bearer',
  skew: () => SkewView | undefined,
): Grant {
  let generation = 0;
  return {
    async attempt(run) {
      const answer = await issuer.request(run, { grant });
      const received = receivedFrom(answer, generation + 1, skew());
      if (received) generation = received.generation;
      return compact({ observation: answer.observation, received, retryAfterMs: answer.retryAfterMs });
    },
  };
}

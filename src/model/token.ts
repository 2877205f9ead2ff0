import type { Outcome } from './cause.ts';
import type { MissingSecret } from './check.ts';
import type { Failure, Phases } from './observation.ts';
import type { Secret } from './secret.ts';

/** How an access token is sent: with proofs by the key that it is bound to (RFC 9449), or alone (RFC 6750). */
export type TokenType = 'dpop' | 'bearer';

/** A live access token. Times are on the monotonic clock of this process. */
export interface AccessToken {
  readonly value: Secret;
  /** When the request for it was sent, in monotonic milliseconds. */
  readonly obtainedAtMs: number;
  /** Monotonic milliseconds; absent for a token that does not expire. */
  readonly expiresAtMs?: number;
  /** Granted scopes; absent when the issuer did not say and none were asked for. */
  readonly scopes?: readonly string[];
  /** Counts the tokens of this source from 1; a refresh adds one. */
  readonly generation: number;
}

/** The claims of a JWT that speak of time, in seconds since 1970 (RFC 7519 section 4.1). Never verified by us. */
export interface TimeClaims {
  readonly nbf?: number;
  readonly iat?: number;
  readonly exp?: number;
}

/** What diagnosis may know of the token that a run sent: never the token itself. */
export interface TokenView {
  readonly name: string;
  readonly ageMs: number;
  /** Negative once it has expired; absent for a token that does not expire. */
  readonly expiresInMs?: number;
  readonly scopes?: readonly string[];
  readonly generation: number;
  /** Present when the access token is a JWT whose payload can be read. */
  readonly claims?: TimeClaims;
  /** The outcome of the token's last own run. */
  readonly lastRun?: Outcome;
  /** Present while there is no token because its issuer has called it inactive, and no run has been since. */
  readonly inactive?: {
    /** Before its time: else it may have expired. */
    readonly isRevoked: boolean;
    /** When the next one is asked for; 0 when that is under way. */
    readonly nextInMs: number;
  };
}

/**
 * What is known of a token that a target has refused, once the issuer was asked where it may be (RFC 7662):
 * `unknown` when it was not asked, or gave no usable answer.
 */
export type Standing = 'live' | 'revoked' | 'expired' | 'unknown';

/** What of a JWT that we signed matters when it is refused: its claims of time, in seconds since 1970. */
export interface SignedClaims extends TimeClaims {
  readonly kind: 'client_assertion' | 'assertion' | 'dpop_proof';
}

/** How far this host's clock is from true time, for those who sign with it. Milliseconds; positive when we are ahead. */
export interface SkewView {
  readonly skewMs: number;
  readonly uncertaintyMs: number;
  readonly toleranceMs: number;
}

/** What is kept of a family of refresh tokens across restarts. All times are wall-clock milliseconds since 1970. */
export interface StoredToken {
  /** Keyed fingerprint of whose the tokens are: issuer, token endpoint and client. Absent in records of before it was noted. */
  readonly ownerFingerprint?: string;
  /** Records under this name whose tokens belong to other owners: kept as they are, and sent nowhere. */
  readonly others?: readonly StoredToken[];
  /** Keyed fingerprint of the first refresh token of this family, as given by the configuration. */
  readonly seedFingerprint?: string;
  /** Fingerprints of all first refresh tokens that have had a successor: none is ever sent again. */
  readonly spentSeeds?: readonly string[];
  /** Keyed fingerprint of what the access token was asked with: issuer, client and scopes. */
  readonly askFingerprint?: string;
  /** The live refresh token; absent once its family was lost. */
  readonly refreshToken?: Secret;
  /**
   * Fingerprint of a refresh token that was, or was about to be, sent, and whose answer is not known. It stays where
   * that has cost the family its refresh token.
   */
  readonly spending?: string;
  /** When that was noted. */
  readonly spendingSinceMs?: number;
  /** Whether the refresh token came by a refresh, and was not sent since: one that is then refused was spent by another holder. */
  readonly rotates?: boolean;
  /** When a person last gave consent by `sonde login`. */
  readonly loggedInAtMs?: number;
  /** When a person ended it by `sonde logout`. Tokens that stand beside it are still to be revoked and forgotten. */
  readonly loggedOutAtMs?: number;
  /** The private JWK that the tokens are bound to (RFC 9449); absent where the configuration names one. */
  readonly dpopKey?: Secret;
  /** Fingerprints of the last authorization codes that were sent: a code is sent once, whatever came of it. */
  readonly usedCodes?: readonly string[];
  readonly accessToken?: Secret;
  /** As it was granted. Absent in records of before it was noted. */
  readonly tokenType?: TokenType;
  readonly obtainedAtMs?: number;
  /** How far ahead of true time this host's clock was then, where that was known. */
  readonly obtainedSkewMs?: number;
  /** Absent when the issuer did not say how long the access token lives. */
  readonly expiresAtMs?: number;
  readonly scopes?: readonly string[];
  readonly generation: number;
}

/** Thrown by a token store that cannot be read or written; the message is a sentence for the person on call. */
export class TokenStoreError extends Error {
  readonly code = 'TOKEN_STORE';
}

/** Keeps tokens across restarts. Every write is on disk when its promise resolves. */
export interface TokenStore {
  /** Throws `TokenStoreError` when the store is there and cannot be understood; the file is then left as it is. */
  read(token: string): Promise<StoredToken | undefined>;
  /** Throws `TokenStoreError`; what was stored before then still stands. */
  write(token: string, stored: StoredToken): Promise<void>;
  /** Whether any token, of this name or another, has had a successor of the first refresh token of that fingerprint. */
  hasSpent(seedFingerprint: string): Promise<boolean>;
  /** Runs `act` while no other act with the same first refresh token is under way: two sources must not send it at once. */
  alone<T>(seedFingerprint: string, act: () => Promise<T>): Promise<T>;
  /** A keyed fingerprint of a secret: equal for equal text, useless without the store's own key. */
  fingerprint(secret: Secret): Promise<string>;
}

export type IssuerEndpointName =
  | 'discovery'
  | 'token'
  /** The answer came by the person's browser (RFC 6749 section 4.1.2.1), so there is no status. */
  | 'authorization'
  | 'device_authorization'
  | 'pushed_authorization_request'
  | 'introspection'
  | 'revocation';

/** What one token run saw, without judgement. */
export interface TokenObservation {
  readonly grant: string;
  readonly phases: Phases;
  /** The request that was made last; absent when none was. */
  readonly endpoint?: IssuerEndpointName;
  /** Without user info and query. */
  readonly url?: string;
  /** Present when no whole answer came. */
  readonly failure?: Failure;
  readonly status?: number;
  /** Headers of the answer that help a person: age, content type, date, retry-after, www-authenticate. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `error` and `error_description` of RFC 6749 section 5.2. */
  readonly error?: string;
  readonly errorDescription?: string;
  /** Why a whole answer is not what OAuth 2.0 asks for. */
  readonly protocolProblem?: string;
  /** The start of an answer that could not be understood. */
  readonly bodyStart?: string;
  /**
   * What our own record says of the refresh token that was, or would have been, sent. `spent`: by us, as far as we know.
   * `taken`: refused, though it is the last successor of a family that rotates and we had not sent it before. `absent`:
   * there is none; `foreign`: what is kept belongs to another issuer or client; `logged_out`: `sonde logout` has ended it.
   */
  readonly refreshToken?: 'live' | 'spent' | 'taken' | 'absent' | 'foreign' | 'logged_out';
  /** When the request was noted whose answer we never had, in wall-clock milliseconds; beside `spent`. */
  readonly spendingSinceMs?: number;
  /** What our own record says of the authorization code. */
  readonly code?: 'fresh' | 'used';
  /** What we signed for the last request. */
  readonly signed?: readonly SignedClaims[];
  /** How the answer's own `Date` stood to our clock when it was refused, in milliseconds; positive when we are ahead. */
  readonly aheadOfIssuerMs?: number;
  /** Present when a new access token was had. */
  readonly granted?: { readonly scopes?: readonly string[]; readonly expiresInMs?: number };
  /** Scopes that the granted token lacks; absent when it lacks none. */
  readonly missingScopes?: {
    /** Asked for, and not granted. */
    readonly asked: readonly string[];
    /** By the name of the check that needs them. */
    readonly byCheck: Readonly<Record<string, readonly string[]>>;
  };
  /** A secret that the run needs and that could not be had. */
  readonly missingSecret?: MissingSecret;
  /** The store could not be read or written; a token that could not be stored is not used. */
  readonly storeProblem?: string;
}

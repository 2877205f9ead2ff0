import type { Secret } from '../model/secret.ts';
import type { SkewView, TokenObservation, TokenType } from '../model/token.ts';
import type { HttpClient } from '../net/http.ts';
import type { Budget } from '../net/limiter.ts';
import type { System } from '../system/system.ts';
import type { Authorizer } from './authorizer.ts';
import type { Instant } from './issuer/issuer-door.ts';
import type { GrantedAccess } from './issuer/token-answer.ts';

export interface IssuerPorts {
  readonly system: System;
  readonly http: HttpClient;
  readonly budget: Budget;
  /** `user-agent` and, unless tracing is off, `traceparent` with a new span of the run; names in lower case. */
  readonly ownHeaders: (runId: string) => Readonly<Record<string, string>>;
  /** Takes every known secret out of a text. */
  readonly mask: (text: string) => string;
  /** How far this host's clock is off, where it is known. */
  readonly skew: () => SkewView | undefined;
  /** Whether what we sign is stamped with true time, as far as it is known, instead of this host's. */
  readonly correctsAssertions: () => boolean;
}

export interface TokenRun {
  /** 32 hexadecimal digits. */
  readonly runId: string;
  /** Ends a wait for a permit, and nothing that is under way. */
  readonly stopping: AbortSignal;
  /** Ends a request that is under way. */
  readonly cutOff: AbortSignal;
}

/** What is shown to the token endpoint for an access token. */
export type GrantRequest =
  | { readonly grant: 'client_credentials' | 'jwt_bearer' }
  | {
      readonly grant: 'refresh_token';
      readonly refreshToken: Secret;
      /** Names no scopes, which leaves them as they were granted: more than those may not be asked for (RFC 6749 section 6). */
      readonly keepsScopes?: boolean;
      /** Called each time that the token is about to be sent, with the permit in hand; where it throws, nothing is sent. */
      readonly beforeSending?: () => Promise<void>;
    }
  | {
      readonly grant: 'authorization_code';
      readonly code: Secret;
      readonly redirectUri: string;
      /** PKCE (RFC 7636). */
      readonly codeVerifier: Secret;
    }
  | { readonly grant: 'device_code'; readonly deviceCode: Secret };

/** What one request for a token came to. */
export interface IssuerAnswer {
  readonly observation: TokenObservation;
  readonly access?: GrantedAccess;
  readonly refreshToken?: Secret;
  /** When the token request was sent; absent when it was not. */
  readonly sentAt?: Instant;
  /** Whether a refresh token that was sent may be spent now: `unclear` when the issuer may have acted and did not say. */
  readonly spent: 'no' | 'unclear' | 'yes';
  /** What the issuer asked for by `Retry-After`, unbounded. */
  readonly retryAfterMs?: number;
}

/** The request by which a person's browser is sent to the issuer (RFC 6749 section 4.1.1). */
export interface AuthorizationRequest {
  readonly redirectUri: string;
  readonly state: string;
  readonly codeVerifier: Secret;
}

/** Where the browser goes, or what the attempt to find out came to. */
export type AuthorizationAnswer =
  | {
      readonly url: URL;
      /** What `iss` of the redirect must be (RFC 9207), as the issuer spells it; absent when it does not promise one. */
      readonly iss?: string;
    }
  | { readonly observation: TokenObservation };

/** RFC 8628 section 3.2. */
export interface DeviceAuthorization {
  readonly deviceCode: Secret;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete?: string;
  readonly expiresInMs: number;
  readonly intervalMs: number;
}

/** How a revocation went (RFC 7009). */
export type RevocationAnswer =
  | { readonly kind: 'revoked' | 'unsupported' }
  | { readonly kind: 'failed'; readonly observation: TokenObservation };

/**
 * Speaks OAuth 2.0 with one issuer for one client. Each method throws `PermitRefused` alone, and what `beforeSending`
 * throws: all that the network and the issuer do is part of the answer.
 */
export interface Issuer {
  request(run: TokenRun, what: GrantRequest): Promise<IssuerAnswer>;
  /**
   * Whether a token is good still (RFC 7662); `unknown` without a usable answer. Introspection has no third word: a token
   * that is not active before its time was revoked, and that is for the caller to tell.
   */
  introspect(run: TokenRun, token: Secret): Promise<'active' | 'inactive' | 'unknown'>;
  revoke(run: TokenRun, token: Secret, hint: 'refresh_token' | 'access_token'): Promise<RevocationAnswer>;
  /** Finds the authorization endpoint, and pushes the request there where that is wanted (RFC 9126). */
  authorization(run: TokenRun, request: AuthorizationRequest): Promise<AuthorizationAnswer>;
  /** Begins the device flow (RFC 8628 section 3.1). */
  deviceAuthorization(run: TokenRun): Promise<DeviceAuthorization | { readonly observation: TokenObservation }>;
  /** The private JWK that proofs are signed with, where it is of our own making; for the token store. */
  dpopKey(): Promise<Secret | undefined>;
  /**
   * Goes on with the key of an earlier process, which the stored tokens are bound to; does nothing where the configuration
   * names one. Throws `TypeError` for a text that is no private key.
   */
  useDpopKey(key: Secret): void;
  /**
   * Presents access tokens of this issuer as they were granted: as bearers, or with proofs by the key that they are bound
   * to, and over connections with the client certificate where the configuration says so. Without a type a JWT's own
   * claims say which.
   */
  authorizer(token: Secret, type?: TokenType): Authorizer;
}

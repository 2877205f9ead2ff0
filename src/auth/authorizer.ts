import type { ClientCertificate } from '../model/check.ts';
import type { Secret } from '../model/secret.ts';
import type { AccessToken, SignedClaims, Standing, TokenType, TokenView } from '../model/token.ts';
import type { Instant } from './issuer/issuer-door.ts';

/** What a token asks of one request to a target. */
export interface Authorization {
  /** Names in lower case; empty for an origin that the token may not be sent to. */
  readonly headers: Readonly<Record<string, string>>;
  /** Shown in TLS, since the token is bound to it (RFC 8705 section 3). */
  readonly clientCertificate?: ClientCertificate;
  /** The proof that the headers hold (RFC 9449 section 4.2), for diagnosis. */
  readonly signed?: SignedClaims;
}

/** The request that is to carry a token. */
export interface AuthorizedRequest {
  readonly url: URL;
  readonly method: string;
}

/** Presents one token on requests. */
export interface Authorizer {
  authorize(request: AuthorizedRequest): Authorization | Promise<Authorization>;
  /**
   * Hears what a request that carried the token was answered, headers by names in lower case. `again`: the target asks
   * for a nonce that it now gave (RFC 9449 section 9), so the same request, authorized anew, is worth one more permit.
   */
  heard(request: AuthorizedRequest, answer: TokenHearing): 'done' | 'again';
  /**
   * The private JWK that its proofs are signed with, where sonde has made it (RFC 9449). Absent for a token that needs no
   * proof.
   */
  proofKey?(): Promise<Secret | undefined>;
}

/** The part of an answer that speaks of tokens. */
export interface TokenHearing {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a login brought: a person's consent, as tokens. */
export interface LoginTokens {
  readonly accessToken: Secret;
  readonly tokenType?: TokenType;
  readonly expiresInMs?: number;
  readonly scopes?: readonly string[];
  /** Absent when the issuer gave none: then the access ends with the access token. */
  readonly refreshToken?: Secret;
  /** The private JWK that the tokens are bound to, where the configuration names none. */
  readonly dpopKey?: Secret;
  /** When the token request was sent. */
  readonly sentAt: Instant;
}

/** A token source as the engine sees it. */
export interface TokenSource {
  readonly name: string;
  /** Resolves when the first run has ended, whatever its outcome. */
  readonly firstRun: Promise<void>;
  /** The live token; undefined when there is none that may be sent (absent, expired, or known dead). */
  current(): AccessToken | undefined;
  /** Presents the live token on requests; undefined when there is none. */
  authorizer(): Authorizer | undefined;
  /** What diagnosis may know; `ageMs` and `expiresInMs` are as of now. */
  view(): TokenView;
  /**
   * A target refused the live token, of that generation, with a 401: refreshes once, then not again for a cool-down.
   * Resolves when the issuer has said what it knows of the token, where it is asked, and at once where it is not.
   */
  suspect(generation: number): Promise<Standing>;
  /** Begins to fetch and refresh on the source's own schedule. */
  start(): void;
  /**
   * Takes over what a login brought, stores it, and goes on with it. Throws `TokenStoreError` when it cannot be stored.
   * Absent on sources that no person can log in to.
   */
  adopt?(login: LoginTokens): Promise<void>;
  /**
   * Revokes the tokens at the issuer (RFC 7009), and forgets them, whatever the issuer says. Throws `TokenStoreError` when
   * that cannot be stored. Absent on sources that no person can log in to.
   */
  logout?(): Promise<LogoutReport>;
  /**
   * Ends the schedule. A refresh that is under way is let end and its answer stored; after `graceMs`, or without it after
   * its own timeout, it is cut off. May be called again with a shorter grace.
   */
  stop(graceMs?: number): Promise<void>;
}

/** How a logout went: the tokens are forgotten here in any case. */
export interface LogoutReport {
  /** `nothing`: there was no token. `unsupported`: the issuer names no revocation endpoint. */
  readonly revocation: 'revoked' | 'nothing' | 'unsupported' | 'failed';
  /** A sentence for a person when the revocation failed, or an exported token could not be removed. */
  readonly problem?: string;
}

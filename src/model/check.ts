import type { Place } from './place.ts';
import type { Secret } from './secret.ts';

/** When a check or a refresh is due. */
export type ScheduleDefinition =
  | { readonly everyMs: number }
  | { readonly cron: string /** IANA name, for example `Europe/Berlin`. */; readonly timezone: string };

/** A named token bucket. */
export interface BudgetDefinition {
  readonly name: string;
  readonly ratePerSecond: number;
  readonly burst: number;
  /** Permits of the burst that only token runs may take. */
  readonly reserveForTokens: number;
}

/** A check as the configuration says it, validated. */
export interface CheckDefinition {
  readonly name: string;
  readonly kind: string;
  readonly schedule: ScheduleDefinition;
  readonly timeoutMs: number;
  readonly budget: string;
  readonly token?: string;
  /** Scopes that its token must have been granted. */
  readonly needsScopes: readonly string[];
  /** How many failures in a row change the check's state. */
  readonly confirm: number;
  /** Whether requests carry `traceparent`. */
  readonly trace: boolean;
  readonly allowHttp: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** The part under the kind's key; only the kind itself knows its shape. */
  readonly spec: unknown;
  /** The entries of `assert:`; only the assertions room knows their shapes. */
  readonly assertions: readonly unknown[];
  /** A secret of its spec that could not be had yet: its runs end in `secret_unavailable`. */
  readonly missingSecret?: MissingSecret;
  readonly place: Place;
  /** Where a part of `spec` stands. */
  placeOf(path: readonly string[]): Place;
}

export type GrantName =
  | 'client_credentials'
  | 'refresh_token'
  | 'authorization_code'
  | 'jwt_bearer'
  | 'device_code'
  | 'static';

/** How a client shows who it is (RFC 6749 section 2.3, RFC 7523 section 2.2, RFC 8705 section 2). */
export type ClientAuthName =
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'
  | 'none';

/** Endpoints that the configuration names; those that it does not are discovered when there is an `issuer`. */
export interface IssuerEndpoints {
  readonly token?: string;
  readonly authorization?: string;
  readonly deviceAuthorization?: string;
  /** RFC 9126. */
  readonly pushedAuthorizationRequest?: string;
  /** RFC 7662. */
  readonly introspection?: string;
  /** RFC 7009. */
  readonly revocation?: string;
}

/** A private key that JWTs are signed with. */
export interface SigningKey {
  /** PEM (PKCS #8) or a JWK. */
  readonly key: Secret;
  /** `kid` of the JWT's header; a JWK may hold its own. */
  readonly keyId?: string;
  /** JWS algorithm; without it the one that fits the key: ES256 for P-256, EdDSA for Ed25519, RS256 for RSA. */
  readonly algorithm?: string;
}

/** The certificate that a client shows in TLS (RFC 8705), and its key; PEM text. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: Secret;
}

/** What the grant jwt_bearer sends (RFC 7523 section 2.1): a JWT that someone else makes, or one that we sign. */
export type AssertionDefinition =
  | { readonly ready: Secret }
  | {
      /** `iss`; the client id without it. */
      readonly issuer?: string;
      /** `sub`; the issuer of the assertion without it. */
      readonly subject?: string;
      /** `aud`; the issuer, or its token endpoint, without it. */
      readonly audience?: string;
      readonly lifetimeMs: number;
      /** Further claims. */
      readonly claims: Readonly<Record<string, unknown>>;
    };

/** Proof of possession (RFC 9449). Without a key of its own, one is made and kept in the token store. */
export interface DpopDefinition {
  readonly key?: Secret;
  /** JWS algorithm of a key that we make. */
  readonly algorithm: 'ES256' | 'EdDSA';
}

/** How `sonde login` asks a person (RFC 6749 section 4.1, RFC 8252). */
export interface LoginDefinition {
  /** As registered; without it the loopback address with a port of the moment. */
  readonly redirectUri?: string;
  /** Pushes the authorization request (RFC 9126). */
  readonly pushed: boolean;
  /** Added to the authorization request. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A token source as the configuration says it, validated; its references are resolved. */
export interface TokenDefinition {
  readonly name: string;
  readonly grant: GrantName;
  readonly issuer?: string;
  readonly endpoints: IssuerEndpoints;
  readonly clientId?: string;
  readonly clientSecret?: Secret;
  readonly clientAuth: ClientAuthName;
  /** Signs client assertions (private_key_jwt), and the assertions of jwt_bearer. */
  readonly signingKey?: SigningKey;
  /** `aud` of client assertions; the issuer, or its token endpoint, without it. */
  readonly clientAssertionAudience?: string;
  readonly clientCertificate?: ClientCertificate;
  /** Whether probes show the client certificate to targets too: the token is bound to it. */
  readonly presentCertificate: boolean;
  /** PEM text: authorities that are trusted at the issuer instead of those that Node.js trusts. */
  readonly ca?: string;
  /** How the body of a token request is written. */
  readonly tokenRequest: 'form' | 'json';
  readonly dpop?: DpopDefinition;
  readonly assertion?: AssertionDefinition;
  /** `resource` (RFC 8707), each an absolute URI. */
  readonly resources: readonly string[];
  readonly audience?: string;
  /** Added to each token request. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly login: LoginDefinition;
  /** Whether a refused token is looked up at the issuer (RFC 7662). */
  readonly introspect: boolean;
  /** The first refresh token of a family (grant refresh_token). */
  readonly refreshToken?: Secret;
  /** The credential itself (grant static). */
  readonly value?: Secret;
  readonly scopes: readonly string[];
  /** Scopes that checks say they need, by the name of the check. */
  readonly neededScopes: Readonly<Record<string, readonly string[]>>;
  readonly refresh: RefreshDefinition;
  /** Header that carries the credential, in lower case; without it `Authorization: Bearer`. */
  readonly header?: string;
  /** Origins that the token may be sent to; empty means no bound. */
  readonly sendTo: readonly string[];
  readonly budget: string;
  readonly timeoutMs: number;
  readonly allowHttp: boolean;
  /** Where the live access token is written after each refresh, for the service that sonde sits beside. */
  readonly exportTo?: { readonly file: string /** Of the file, such as 0o600. */; readonly mode: number };
  /** A secret that could not be had yet: the source waits for it, and its runs end in `secret_unavailable`. */
  readonly missingSecret?: MissingSecret;
  readonly place: Place;
}

/** A reference whose source does not answer, such as a Vault that is sealed; it may come back by itself. */
export interface MissingSecret {
  /** As written, such as `${vault:secret/claude#key}`. */
  readonly reference: string;
  /** A clause for a person. */
  readonly problem: string;
}

/** When a token is refreshed: at a share of its life before expiry, or by a schedule of its own. */
export type RefreshDefinition = { /** 0 to 1. */ readonly beforeExpiry: number } | ScheduleDefinition;

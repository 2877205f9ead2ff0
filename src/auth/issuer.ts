import {
  allowInsecureRequests,
  clientCredentialsGrantRequest,
  customFetch,
  refreshTokenGrantRequest,
} from 'oauth4webapi';
import type { TokenDefinition } from '../model/check.ts';
import { compact } from '../model/compact.ts';
import type { PhaseName } from '../model/observation.ts';
import type { Secret } from '../model/secret.ts';
import type { SkewView, TokenObservation } from '../model/token.ts';
import type { HttpClient } from '../net/http.ts';
import type { Budget } from '../net/limiter.ts';
import type { System } from '../system/system.ts';
import type { Authorizer } from './authorizer.ts';
import { clientAuthentication } from './client-authentication.ts';
import { createDiscovery, namedEndpoint } from './discovery.ts';
import { createConceal } from './excerpt.ts';
import { createIssuerDoor, type Instant, type IssuerDoor, type IssuerExchange } from './issuer-door.ts';
import { observationOf } from './issuer-observation.ts';
import { retryAfterMs } from './retry.ts';
import { type GrantedAccess, readTokenAnswer, type TokenAnswer } from './token-answer.ts';

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
  | { readonly grant: 'refresh_token'; readonly refreshToken: Secret }
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
      readonly url: URL /** What `iss` of the redirect must be (RFC 9207); absent when the issuer does not promise it. */;
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
 * Speaks OAuth 2.0 with one issuer for one client. Each method throws `PermitRefused` alone: all that the network and the
 * issuer do is part of the answer.
 */
export interface Issuer {
  request(run: TokenRun, what: GrantRequest): Promise<IssuerAnswer>;
  /** Whether a token is good still (RFC 7662); `unknown` without a usable answer. Introspection has no third word: a token that is not active before its time was revoked, and that is for the caller to tell. */
  introspect(run: TokenRun, token: Secret): Promise<'active' | 'inactive' | 'unknown'>;
  revoke(run: TokenRun, token: Secret, hint: 'refresh_token' | 'access_token'): Promise<RevocationAnswer>;
  /** Finds the authorization endpoint, and pushes the request there where that is wanted (RFC 9126). */
  authorization(run: TokenRun, request: AuthorizationRequest): Promise<AuthorizationAnswer>;
  /** Begins the device flow (RFC 8628 section 3.1). */
  deviceAuthorization(run: TokenRun): Promise<DeviceAuthorization | { readonly observation: TokenObservation }>;
  /** The private JWK that proofs are signed with, where it is of our own making; for the token store. */
  dpopKey(): Promise<Secret | undefined>;
  /** Goes on with the key of an earlier process, which the stored tokens are bound to. */
  useDpopKey(key: Secret): void;
  /** Presents access tokens of this issuer: as bearers, or with proofs by the key that they are bound to. */
  authorizer(token: Secret): Authorizer;
}

/** Throws `TypeError` for a definition that validation would have refused. */
export function createIssuer(ports: IssuerPorts, definition: TokenDefinition): Issuer {
  const { http, budget, ownHeaders } = ports;
  const { clock } = ports.system;
  const { grant, scopes, timeoutMs, allowHttp } = definition;
  const configured = new URL(definition.endpoints.token ?? definition.issuer ?? '');
  const discovery = definition.endpoints.token
    ? namedEndpoint(configured)
    : createDiscovery(clock, configured, allowHttp);
  const client = { client_id: definition.clientId ?? '' };
  const authentication = clientAuthentication(definition);
  const scope: Record<string, string> = scopes.length > 0 ? { scope: scopes.join(' ') } : {};

  const send = (door: IssuerDoor, endpoint: URL, { runId }: TokenRun, refreshToken: Secret | undefined) => {
    const issuer = { issuer: configured.href, token_endpoint: endpoint.href };
    // The configuration has decided on plain http already; the library's own rule knows no loopback.
    const options = { headers: ownHeaders(runId), [customFetch]: door.fetch, [allowInsecureRequests]: true };
    if (!refreshToken) return clientCredentialsGrantRequest(issuer, client, authentication, scope, options);
    const parameters = { ...options, additionalParameters: scope };
    return refreshTokenGrantRequest(issuer, client, authentication, refreshToken.reveal(), parameters);
  };

  const ask = async (door: IssuerDoor, request: TokenRun, refreshToken: Secret | undefined): Promise<Reading> => {
    const endpoint = await discovery.tokenEndpoint(door, ownHeaders(request.runId));
    if (endpoint === 'unanswered') return { endpoint: 'discovery', answer: {}, spent: 'no' };
    if (!(endpoint instanceof URL)) return { endpoint: 'discovery', answer: endpoint, spent: 'no' };
    await send(door, endpoint, request, refreshToken);
    const exchange = door.last() as IssuerExchange;
    if (movedAway(exchange)) discovery.forget();
    const answer = withScopes(answerOf(exchange), scopes);
    return { endpoint: 'token', answer, spent: spentBy(exchange, answer), sentAt: exchange.sentAt };
  };

  return {
    async request(request, what) {
      const refreshToken = what.grant === 'refresh_token' ? what.refreshToken : undefined;
      const door = createIssuerDoor({ clock, http, budget }, timeoutMs, request);
      const secrets = [definition.clientSecret, refreshToken].filter((secret) => secret !== undefined);
      const conceal = createConceal(ports.mask, secrets);
      try {
        const { endpoint, answer, spent, sentAt } = await ask(door, request, refreshToken);
        return compact({
          observation: observationOf(grant, endpoint, door, answer, conceal),
          access: answer.access,
          refreshToken: answer.refreshToken,
          sentAt,
          spent,
          retryAfterMs: retryAfterMs(door.last()?.response?.headers ?? {}, clock.wallMs()),
        });
      } finally {
        door.close();
      }
    },
  };
}

interface Reading extends Pick<IssuerAnswer, 'spent' | 'sentAt'> {
  readonly endpoint: 'discovery' | 'token';
  readonly answer: TokenAnswer;
}

function answerOf({ failure, response }: IssuerExchange): TokenAnswer {
  return failure || !response ? {} : readTokenAnswer(response.status, response.body.toString('utf8'));
}

/** An issuer that says nothing of scopes has granted those that were asked for (RFC 6749 section 5.1). */
function withScopes(answer: TokenAnswer, asked: readonly string[]): TokenAnswer {
  if (!answer.access || answer.access.scopes || asked.length === 0) return answer;
  return { ...answer, access: { ...answer.access, scopes: asked } };
}

const beforeSending: readonly PhaseName[] = ['queue', 'resolve', 'connect', 'tls'];

function spentBy({ failure, response }: IssuerExchange, answer: TokenAnswer): IssuerAnswer['spent'] {
  if (answer.access || answer.refreshToken) return 'yes';
  if (failure) return beforeSending.includes(failure.phase) ? 'no' : 'unclear';
  const { status = 0 } = response ?? {};
  // An issuer that fails may have rotated before it did, whatever it says.
  if (status >= 500) return 'unclear';
  return answer.error !== undefined || status >= 400 ? 'no' : 'unclear';
}

/** The endpoint that was remembered is no longer where the token endpoint is. */
function movedAway({ failure, response }: IssuerExchange): boolean {
  if (failure) return beforeSending.includes(failure.phase);
  return response !== undefined && [404, 405, 410].includes(response.status);
}

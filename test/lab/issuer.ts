import type { KoaContextWithOIDC } from 'oidc-provider';
import type { LabCertificates } from './certificates.ts';
import type { FaultSwitch } from './fault-switch.ts';
import { createIssuerStore } from './issuer-adapter.ts';
import { registerJwtBearer } from './issuer-assertions.ts';
import { createIssuerCredentials, type IssuerCredentials } from './issuer-credentials.ts';
import type { IssuerFaultName } from './issuer-faults.ts';
import { openIssuerFront } from './issuer-front.ts';
import { type ConsentAnswer, createInteractions } from './issuer-interactions.ts';
import { createLabProvider, labResource } from './issuer-provider.ts';
import { createIssuerRecords, type IssuerRecords } from './issuer-records.ts';
import { createTokenEndpointFaults } from './issuer-token-faults.ts';
import { answerJsonToken, jsonTokenPath } from './json-token-endpoint.ts';
import { refreshAsOther } from './other-holder.ts';

export interface IssuerOptions {
  /** By which others reach it; it listens on all addresses then. 127.0.0.1 by default, and it listens there alone. */
  readonly host?: string;
  /** 0 (the default) takes a free one. */
  readonly port?: number;
  /** How long an access token lives; 60 s by default. */
  readonly accessTokenSeconds?: number;
  /** A day by default. */
  readonly refreshTokenSeconds?: number;
  /** How long a person has to let a device in; 10 minutes by default. */
  readonly deviceCodeSeconds?: number;
  /** How often a device may ask whether it was let in; every 5 s by default. */
  readonly deviceIntervalSeconds?: number;
  /** How late the faults `slow` and `slow-answer` answer; 6 s by default. */
  readonly slowMs?: number;
  /** What clients can be granted; `models.read` and `usage.read` by default. `admin` is known, and granted to none. */
  readonly scopes?: readonly string[];
  /** How far the times of an assertion may be off; 15 s by default. */
  readonly clockToleranceSeconds?: number;
  /** Whether each DPoP proof has to carry a nonce of the issuer's (RFC 9449 section 8); not by default. */
  readonly dpopNonces?: boolean;
  /** With them it can be reached by https too, and knows the clients that show a certificate. */
  readonly certificates?: LabCertificates;
  /** Whether it speaks https alone, which takes `certificates`; not by default. */
  readonly httpsOnly?: boolean;
}

/**
 * A certified OAuth 2.0 and OpenID server (oidc-provider), on loopback by default, with the clients of `labClients`. It
 * rotates refresh tokens, revokes a family at a replay, and can be broken at will.
 *
 * The lab hands secrets and a fresh `mintRefreshToken` to sonde by its environment, and has its API ask `introspect` and
 * `revoke`; the issuer's records are read directly, not over the network, so that tokens go on being good while the
 * issuer is `down`.
 */
export interface Issuer extends Omit<IssuerRecords, 'clientOf'> {
  /** `http://HOST:PORT`: the issuer identifier. */
  readonly origin: string;
  /** Where it asks for a client certificate; its metadata names it in `mtls_endpoint_aliases`. */
  readonly mtlsOrigin?: string;
  readonly faults: FaultSwitch<IssuerFaultName>;
  /** Throws `RangeError` for a client without a secret. */
  clientSecret: IssuerCredentials['secretOf'];
  /** What signs the assertions of a client; throws `RangeError` for a client without a key. */
  clientKey: IssuerCredentials['keyOf'];
  /**
   * Plays another holder of a refresh token, who refreshes with it at the token endpoint. Resolves with its answer; for
   * clients with a secret in the request, or none.
   */
  spendRefreshToken(refreshToken: string): Promise<Readonly<Record<string, unknown>>>;
  /** How often the token endpoint has been asked since the start, whatever came of it. */
  tokenRequests(): number;
  /** How often a path, such as `/token/revocation`, has been asked since the start, whatever came of it. */
  requests(path: string): number;
  close(): Promise<void>;
}

const consentAnswers: readonly string[] = ['grant', 'deny', 'fewer'] satisfies ConsentAnswer[];
const isConsentAnswer = (text: string | null): text is ConsentAnswer => text !== null && consentAnswers.includes(text);

/** Starts the issuer; rejects with Node's error (`EADDRINUSE`) when its port is taken. */
export async function startIssuer({
  host = '127.0.0.1',
  port = 0,
  accessTokenSeconds = 60,
  refreshTokenSeconds = 24 * 3600,
  deviceCodeSeconds = 600,
  deviceIntervalSeconds = 5,
  slowMs = 6000,
  scopes = ['models.read', 'usage.read'],
  clockToleranceSeconds = 15,
  dpopNonces = false,
  certificates,
  httpsOnly = false,
}: IssuerOptions = {}): Promise<Issuer> {
  const front = await openIssuerFront({ host, port, slowMs, certificates, httpsOnly });
  const { origin, faults, faultAt, requests } = front;
  const store = createIssuerStore();
  const credentials = createIssuerCredentials(certificates);
  const scopesNow = (all: readonly string[]) => faultAt('/token')?.narrow?.(all) ?? all;
  const { provider, publicKey } = createLabProvider(origin, {
    accessTokenSeconds,
    refreshTokenSeconds,
    deviceCodeSeconds,
    clockToleranceSeconds,
    dpopNonces,
    scopes,
    forbiddenScopes: ['admin'],
    clients: credentials.metadata(scopes),
    adapter: store.adapter,
    mtlsOrigin: front.mtlsOrigin,
    scopesNow,
  });
  registerJwtBearer(provider, {
    keysOf: credentials.publicKeysOf,
    clockToleranceSeconds,
    resource: labResource,
    scopesNow: () => scopesNow(scopes),
  });

  const interact = createInteractions(provider, ({ pathname, searchParams }) => {
    const asked = searchParams.get('answer');
    return isConsentAnswer(asked) ? asked : (faultAt(pathname)?.consent ?? 'grant');
  });
  const breakToken = createTokenEndpointFaults(provider, front.wait);
  provider.use(async (context: KoaContextWithOIDC, next) => {
    if (context.path.startsWith('/interaction/')) return interact(context);
    await next();
    if (context.path === '/token') await breakToken(context, faultAt(context.path));
    if (context.path === '/device/auth' && context.status === 200)
      context.body = { ...(context.body as object), interval: deviceIntervalSeconds };
  });
  const callback = provider.callback();
  const tokenEndpoint = `${origin}/token`;
  front.serve((request, response, path) =>
    path === jsonTokenPath ? answerJsonToken(tokenEndpoint, request, response) : callback(request, response),
  );

  const records = createIssuerRecords(provider, publicKey, store);
  return {
    ...records,
    origin,
    ...(front.mtlsOrigin === undefined ? {} : { mtlsOrigin: front.mtlsOrigin }),
    faults,
    clientSecret: credentials.secretOf,
    clientKey: credentials.keyOf,
    async spendRefreshToken(refreshToken) {
      const client = await records.clientOf(refreshToken);
      if (client === undefined) throw new RangeError('no such refresh token');
      return refreshAsOther(tokenEndpoint, client, refreshToken, credentials);
    },
    tokenRequests: () => requests('/token'),
    requests,
    close: front.close,
  };
}

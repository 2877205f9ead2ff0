import { generateKeyPairSync, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import Provider, {
  type AdapterFactory,
  type ClientMetadata,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
  type ResourceServer,
} from 'oidc-provider';
import { type LabClient, labClient } from './issuer-clients.ts';
import { devicePages } from './issuer-pages.ts';

/** What tokens are for when no resource is asked for by name; the API of the lab takes these alone. */
export const labResource = 'urn:sonde:lab:api';

/** What tokens can be asked for by name (RFC 8707). */
const labResources: readonly string[] = [labResource, 'urn:sonde:lab:reports', 'https://reports.lab.example/'];

export interface ProviderOptions {
  readonly accessTokenSeconds: number;
  readonly refreshTokenSeconds: number;
  readonly deviceCodeSeconds: number;
  /** How far the times of an assertion may be off. */
  readonly clockToleranceSeconds: number;
  /** Whether each proof has to carry a nonce of the issuer's (RFC 9449 section 8). */
  readonly dpopNonces: boolean;
  /** What clients can be granted. */
  readonly scopes: readonly string[];
  /** Known here, and granted to none. */
  readonly forbiddenScopes: readonly string[];
  readonly clients: ClientMetadata[];
  readonly adapter: AdapterFactory;
  /** Where the endpoints ask for a client certificate (RFC 8705 section 5), where there is such a place. */
  readonly mtlsOrigin: string | undefined;
  /** The scopes that tokens can have at this moment; a fault makes them fewer. */
  readonly scopesNow: (scopes: readonly string[]) => readonly string[];
}

const day = 24 * 3600;
const hour = 3600;

const endpoints = {
  token_endpoint: '/token',
  introspection_endpoint: '/token/introspection',
  revocation_endpoint: '/token/revocation',
  device_authorization_endpoint: '/device/auth',
  pushed_authorization_request_endpoint: '/request',
};

const aliasesAt = (origin: string) =>
  Object.fromEntries(Object.entries(endpoints).map(([name, path]) => [name, `${origin}${path}`]));

/** The certificate that the other side has shown; undefined on plain connections too. */
function peerCertificate({ socket }: KoaContextWithOIDC): X509Certificate | undefined {
  const shown = (socket as Partial<TLSSocket>).getPeerX509Certificate?.();
  return shown && new X509Certificate(shown.raw);
}

type ResourceServers = (resource: string, client: LabClient | undefined) => ResourceServer;

function featuresOf({ dpopNonces }: ProviderOptions, resourceServer: ResourceServers): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true, ...devicePages },
    pushedAuthorizationRequests: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true, allowedPolicy: () => true },
    // With a secret for nonces, a proof from another time is answered by a nonce instead of a refusal.
    dPoP: { enabled: true, ...(dpopNonces ? { nonceSecret: randomBytes(32), requireNonce: () => true } : {}) },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      selfSignedTlsClientAuth: true,
      getCertificate: peerCertificate,
      certificateAuthorized: ({ socket }) => (socket as Partial<TLSSocket>).authorized === true,
      certificateSubjectMatches: (context, _property, expected) => peerCertificate(context)?.subject === expected,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_context, _client, asked) => asked?.[0] ?? labResource,
      useGrantedResource: () => true,
      getResourceServerInfo: (_context, resource, client) => resourceServer(resource, labClient(client.clientId)),
    },
  };
}

const clientAuthMethods = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const;

/** What a person does, and what comes of it. */
const policies = {
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  // Each login is a grant of its own: ending one leaves the others.
  loadExistingGrant: async ({ oidc: { provider, result } }) =>
    result?.consent?.grantId === undefined ? undefined : provider.Grant.find(result.consent.grantId),
  findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: ({ oidc }) => labClient(oidc.client?.clientId)?.rotates ?? false,
  renderError(context, out) {
    context.type = 'text';
    context.body = `${out.error}: ${out.error_description ?? ''}\n`;
  },
} satisfies Configuration;

/** oidc-provider, set up so that it has nothing to warn of, and the key that its JWTs are signed with (ES256). */
export function createLabProvider(
  origin: string,
  options: ProviderOptions,
): { readonly provider: Provider; readonly publicKey: KeyObject } {
  const { accessTokenSeconds, mtlsOrigin } = options;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const allScopes = [...options.scopes, ...options.forbiddenScopes];

  const resourceServer: ResourceServers = (resource, client) => {
    if (!labResources.includes(resource)) throw new errors.InvalidTarget();
    return {
      scope: options.scopesNow(allScopes).join(' '),
      audience: resource,
      accessTokenTTL: accessTokenSeconds,
      accessTokenFormat: client?.tokens ?? 'opaque',
      jwt: { sign: { alg: 'ES256' } },
    };
  };

  const provider = new Provider(origin, {
    ...policies,
    adapter: options.adapter,
    clients: options.clients,
    clientAuthMethods: [...clientAuthMethods],
    enabledJWA: {
      clientAuthSigningAlgValues: ['HS256', 'ES256', 'EdDSA'],
      dPoPSigningAlgValues: ['ES256', 'EdDSA'],
    },
    clockTolerance: options.clockToleranceSeconds,
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'lab' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    scopes: ['openid', 'offline_access', ...allScopes],
    discovery: mtlsOrigin === undefined ? {} : { mtls_endpoint_aliases: aliasesAt(mtlsOrigin) },
    ttl: {
      AccessToken: accessTokenSeconds,
      ClientCredentials: accessTokenSeconds,
      DeviceCode: options.deviceCodeSeconds,
      IdToken: hour,
      Interaction: hour,
      Session: day,
      RefreshToken: options.refreshTokenSeconds,
      Grant: day,
    },
    features: featuresOf(options, resourceServer),
  });
  provider.silent = true;
  return { provider, publicKey };
}

import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import Provider, { type ClientMetadata, type Configuration, type ResourceServer } from 'oidc-provider';
import { createIssuerAdapter } from './issuer-adapter.ts';
import { type LabClient, labClients } from './issuer-clients.ts';

/** Clients ask for no resource by name; all tokens are for this one. */
export const labResource = 'urn:sonde:lab:api';

export interface ProviderOptions {
  readonly accessTokenSeconds: number;
  /** What clients can be granted. */
  readonly scopes: readonly string[];
  /** Known here, and granted to none. */
  readonly forbiddenScopes: readonly string[];
  /** The secrets of clients by id. */
  readonly secrets: ReadonlyMap<string, string>;
}

const day = 24 * 3600;

function clientOf(id: string | undefined): LabClient | undefined {
  return new Map<string | undefined, LabClient>(Object.entries(labClients)).get(id);
}

function metadataOf(
  id: string,
  client: LabClient,
  scopes: readonly string[],
  secret: string | undefined,
): ClientMetadata {
  return {
    client_id: id,
    grant_types: [client.grant],
    // Other scopes are refused as `invalid_scope`.
    scope: ['offline_access', ...scopes].join(' '),
    id_token_signed_response_alg: 'ES256',
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: client.authentication,
    ...(secret !== undefined && client.authentication !== 'none' ? { client_secret: secret } : {}),
  };
}

/** oidc-provider, set up so that it has nothing to warn of, and the key that its JWTs are signed with (ES256). */
export function createLabProvider(
  origin: string,
  { accessTokenSeconds, scopes, forbiddenScopes, secrets }: ProviderOptions,
): { readonly provider: Provider; readonly publicKey: KeyObject } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const allScopes = [...scopes, ...forbiddenScopes];
  const resourceServerFor = (client: LabClient | undefined): ResourceServer => ({
    scope: allScopes.join(' '),
    audience: labResource,
    accessTokenTTL: accessTokenSeconds,
    accessTokenFormat: client?.tokens ?? 'opaque',
    jwt: { sign: { alg: 'ES256' } },
  });
  const configuration: Configuration = {
    adapter: createIssuerAdapter(),
    clients: Object.entries(labClients).map(([id, client]) => metadataOf(id, client, scopes, secrets.get(id))),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'lab' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    scopes: ['openid', 'offline_access', ...allScopes],
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    rotateRefreshToken: ({ oidc }) => clientOf(oidc.client?.clientId)?.rotates ?? false,
    ttl: {
      AccessToken: accessTokenSeconds,
      ClientCredentials: accessTokenSeconds,
      RefreshToken: day,
      Grant: day,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => labResource,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, _indicator, client) => resourceServerFor(clientOf(client.clientId)),
      },
    },
  };
  const provider = new Provider(origin, configuration);
  provider.silent = true;
  return { provider, publicKey };
}

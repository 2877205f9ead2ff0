import { generateKeyPairSync, type JsonWebKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import type { ClientMetadata } from 'oidc-provider';
import type { LabCertificates } from './certificates.ts';
import { type LabClient, type LabClientId, labClients } from './issuer-clients.ts';

export type KeyAlgorithm = 'ES256' | 'EdDSA';

/** A client's private key, in both forms in which people keep one. */
interface ClientKey {
  /** PKCS #8 */
  readonly pem: string;
  /** With `kid` and `alg`. */
  readonly jwk: JsonWebKey;
}

/** What the clients of one issuer show to be known. */
export interface IssuerCredentials {
  /** Throws `RangeError` for a client without a secret. */
  secretOf(client: LabClientId): string;
  /** Throws `RangeError` for a client without a key. */
  keyOf(client: LabClientId, algorithm?: KeyAlgorithm): ClientKey;
  /** The public half of the keys of a client; none for a client without a key. */
  publicKeysOf(client: string): readonly JsonWebKey[];
  /** Each client as oidc-provider wants to know it. */
  metadata(scopes: readonly string[]): ClientMetadata[];
}

/** RFC 8252: on the loopback addresses any port will do; the path has to be one of these. */
const redirectPaths = ['/', '/callback'];
const redirectUris = ['127.0.0.1', '[::1]', 'localhost'].flatMap((host) =>
  redirectPaths.map((path) => `http://${host}${path}`),
);

/** The name of the grant jwt_bearer in protocol (RFC 7523 section 2.1). */
export const jwtBearerGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const grantTypes: Readonly<Record<LabClient['grant'], readonly string[]>> = {
  client_credentials: ['client_credentials'],
  refresh_token: ['refresh_token'],
  authorization_code: ['authorization_code', 'refresh_token'],
  device_code: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
  jwt_bearer: [jwtBearerGrant],
};

const hasSecret = ({ authentication }: LabClient) => authentication.startsWith('client_secret');
const hasKey = ({ authentication, grant }: LabClient) => authentication === 'private_key_jwt' || grant === 'jwt_bearer';

const pairs: Readonly<Record<KeyAlgorithm, () => { readonly privateKey: KeyObject; readonly publicKey: KeyObject }>> = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

interface KeyPair {
  readonly algorithm: KeyAlgorithm;
  readonly secret: ClientKey;
  readonly open: JsonWebKey;
}

function makeKey(client: string, algorithm: KeyAlgorithm): KeyPair {
  const { privateKey, publicKey } = pairs[algorithm]();
  const marks = { kid: `${client}-${algorithm}`, alg: algorithm, use: 'sig' };
  return {
    algorithm,
    secret: {
      pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      jwk: { ...privateKey.export({ format: 'jwk' }), ...marks },
    },
    open: { ...publicKey.export({ format: 'jwk' }), ...marks },
  };
}

/** A certificate as a key that a client is registered with (RFC 8705 section 2.2.2). */
function certificateKey(pem: string): JsonWebKey {
  const certificate = new X509Certificate(pem);
  return { ...certificate.publicKey.export({ format: 'jwk' }), x5c: [certificate.raw.toString('base64')] };
}

/** Makes secrets and keys anew. Clients that show a certificate are left out where there is none. */
export function createIssuerCredentials(certificates: LabCertificates | undefined): IssuerCredentials {
  const clients = Object.entries<LabClient>(labClients).filter(
    ([, { authentication }]) => certificates !== undefined || !authentication.includes('tls_client_auth'),
  );
  const secrets = new Map(
    clients
      .filter(([, client]) => hasSecret(client))
      .map(([id]) => [id, randomBytes(24).toString('base64url')] as const),
  );
  const keys = new Map(
    clients
      .filter(([, client]) => hasKey(client))
      .map(([id]) => [id, [makeKey(id, 'ES256'), makeKey(id, 'EdDSA')]] as const),
  );
  const publicKeysOf = (id: string) => keys.get(id)?.map(({ open }) => open) ?? [];

  const keysShown = (id: string, { authentication }: LabClient): readonly JsonWebKey[] =>
    authentication === 'self_signed_tls_client_auth' && certificates
      ? [certificateKey(certificates.selfSigned.certificate)]
      : publicKeysOf(id);

  function authenticationOf(id: string, client: LabClient): Partial<ClientMetadata> {
    const secret = secrets.get(id);
    const shown = keysShown(id, client);
    return {
      token_endpoint_auth_method: client.authentication,
      ...(secret === undefined ? {} : { client_secret: secret }),
      ...(shown.length === 0 ? {} : { jwks: { keys: [...shown] } as ClientMetadata['jwks'] }),
      ...(client.authentication === 'tls_client_auth' ? { tls_client_auth_subject_dn: 'CN=lab-tls' } : {}),
    };
  }

  return {
    secretOf(id) {
      const secret = secrets.get(id);
      if (secret === undefined) throw new RangeError(`${id} has no secret`);
      return secret;
    },
    keyOf(id, wanted = 'ES256') {
      const key = keys.get(id)?.find(({ algorithm }) => algorithm === wanted);
      if (!key) throw new RangeError(`${id} has no key`);
      return key.secret;
    },
    publicKeysOf,
    metadata: (scopes) =>
      clients.map(([id, client]) => ({
        client_id: id,
        application_type: client.grant === 'authorization_code' ? 'native' : 'web',
        grant_types: [...grantTypes[client.grant]],
        // Other scopes are refused as `invalid_scope`.
        scope: ['openid', 'offline_access', ...scopes].join(' '),
        id_token_signed_response_alg: 'ES256',
        response_types: client.grant === 'authorization_code' ? ['code'] : [],
        redirect_uris: client.grant === 'authorization_code' ? redirectUris : [],
        dpop_bound_access_tokens: client.bound === 'dpop',
        tls_client_certificate_bound_access_tokens: client.bound === 'certificate',
        require_pushed_authorization_requests: client.pushes ?? false,
        ...authenticationOf(id, client),
      })),
  };
}

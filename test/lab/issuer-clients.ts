/** A client that the lab's issuer knows. */
export interface LabClient {
  /** How it gets its first tokens. Those that a person gives (and none else) come with refresh tokens. */
  readonly grant: 'client_credentials' | 'refresh_token' | 'authorization_code' | 'device_code' | 'jwt_bearer';
  readonly authentication:
    | 'client_secret_basic'
    | 'client_secret_post'
    | 'client_secret_jwt'
    | 'private_key_jwt'
    | 'tls_client_auth'
    | 'self_signed_tls_client_auth'
    | 'none';
  readonly tokens: 'opaque' | 'jwt';
  /** Whether a refresh spends the refresh token. */
  readonly rotates: boolean;
  /** What its tokens are bound to, whether it asks for that or not. */
  readonly bound?: 'dpop' | 'certificate';
  /** Whether its authorization requests have to be pushed (RFC 9126). */
  readonly pushes?: true;
}

/**
 * The clients of the lab by id. Secrets and keys are made anew by each issuer. Those that show a certificate are known
 * where there are certificates.
 */
export const labClients = {
  'lab-user': { grant: 'refresh_token', authentication: 'client_secret_basic', tokens: 'opaque', rotates: true },
  'lab-public': { grant: 'refresh_token', authentication: 'none', tokens: 'opaque', rotates: true },
  'lab-steady': { grant: 'refresh_token', authentication: 'client_secret_post', tokens: 'jwt', rotates: false },
  'lab-service': {
    grant: 'client_credentials',
    authentication: 'client_secret_basic',
    tokens: 'opaque',
    rotates: false,
  },
  'lab-post': { grant: 'client_credentials', authentication: 'client_secret_post', tokens: 'opaque', rotates: false },
  'lab-jwt': { grant: 'client_credentials', authentication: 'client_secret_basic', tokens: 'jwt', rotates: false },
  'lab-secret-jwt': {
    grant: 'client_credentials',
    authentication: 'client_secret_jwt',
    tokens: 'opaque',
    rotates: false,
  },
  'lab-key': { grant: 'client_credentials', authentication: 'private_key_jwt', tokens: 'opaque', rotates: false },
  'lab-key-user': { grant: 'refresh_token', authentication: 'private_key_jwt', tokens: 'opaque', rotates: true },
  'lab-tls': {
    grant: 'client_credentials',
    authentication: 'tls_client_auth',
    tokens: 'opaque',
    rotates: false,
    bound: 'certificate',
  },
  'lab-tls-user': {
    grant: 'refresh_token',
    authentication: 'tls_client_auth',
    tokens: 'opaque',
    rotates: true,
    bound: 'certificate',
  },
  'lab-self-signed': {
    grant: 'client_credentials',
    authentication: 'self_signed_tls_client_auth',
    tokens: 'opaque',
    rotates: false,
    bound: 'certificate',
  },
  'lab-dpop': {
    grant: 'client_credentials',
    authentication: 'client_secret_basic',
    tokens: 'opaque',
    rotates: false,
    bound: 'dpop',
  },
  'lab-assertion': { grant: 'jwt_bearer', authentication: 'none', tokens: 'opaque', rotates: false },
  'lab-assertion-key': { grant: 'jwt_bearer', authentication: 'private_key_jwt', tokens: 'opaque', rotates: false },
  'lab-person-app': { grant: 'authorization_code', authentication: 'none', tokens: 'opaque', rotates: true },
  'lab-person-web': {
    grant: 'authorization_code',
    authentication: 'client_secret_basic',
    tokens: 'opaque',
    rotates: true,
  },
  'lab-person-pushed': {
    grant: 'authorization_code',
    authentication: 'private_key_jwt',
    tokens: 'opaque',
    rotates: true,
    pushes: true,
  },
  'lab-person-dpop': {
    grant: 'authorization_code',
    authentication: 'none',
    tokens: 'opaque',
    rotates: true,
    bound: 'dpop',
  },
  'lab-device': { grant: 'device_code', authentication: 'none', tokens: 'opaque', rotates: true },
} satisfies Record<string, LabClient>;

export type LabClientId = keyof typeof labClients;

/** Undefined for an id that the lab does not know. */
export function labClient(id: string | undefined): LabClient | undefined {
  return new Map<string | undefined, LabClient>(Object.entries(labClients)).get(id);
}

/** A client that the lab's issuer knows. */
export interface LabClient {
  readonly grant: 'client_credentials' | 'refresh_token';
  readonly authentication: 'client_secret_basic' | 'client_secret_post' | 'none';
  readonly tokens: 'opaque' | 'jwt';
  /** Whether a refresh spends the refresh token. */
  readonly rotates: boolean;
}

/** The clients of the lab by id. Secrets are made anew by each issuer. */
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
} satisfies Record<string, LabClient>;

export type LabClientId = keyof typeof labClients;

import { z } from 'zod';
import { signingAlgorithms } from '../../model/private-key.ts';
import { duration, scope } from '../fields.ts';
import { endpoint, origin, resourceUri } from '../url-fields.ts';
import { assertion, dpop, exportTo, login, present, refresh, secret, tokenParameters } from './token-parts.ts';

const grants = [
  'client_credentials',
  'refresh_token',
  'authorization_code',
  'jwt_bearer',
  'device_code',
  'static',
] as const;

const clientAuths = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const;

/** Keys that hold the address of an endpoint of the issuer. */
export const endpointKeys = [
  'token_endpoint',
  'authorization_endpoint',
  'device_authorization_endpoint',
  'pushed_authorization_request_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
] as const;

const pemOrPath = 'PEM, or the path of a PEM file';

export const tokenSchema = z.strictObject({
  issuer: endpoint('The issuer; its metadata is discovered (RFC 8414, OpenID Connect Discovery).').optional(),
  token_endpoint: endpoint('The token endpoint, for an issuer without discovery.').optional(),
  authorization_endpoint: endpoint('The authorization endpoint, for an issuer without discovery.').optional(),
  device_authorization_endpoint: endpoint('The endpoint of device logins (RFC 8628).').optional(),
  pushed_authorization_request_endpoint: endpoint('The endpoint of pushed requests (RFC 9126).').optional(),
  introspection_endpoint: endpoint('The endpoint that knows whether a token is good still (RFC 7662).').optional(),
  revocation_endpoint: endpoint('The endpoint at which `sonde logout` revokes (RFC 7009).').optional(),
  grant: z.enum(grants).describe('How the access token is had.'),
  client_id: z.string().min(1).describe('The client, as the issuer knows it.').optional(),
  client_secret: secret('The secret of the client: a reference.').optional(),
  client_auth: z
    .enum(clientAuths)
    .describe(
      'How the client authenticates. Without it: client_secret_basic with a secret, private_key_jwt with a key that signs no assertion of jwt_bearer, tls_client_auth with a certificate, else none.',
    )
    .optional(),
  private_key: secret('The key that JWTs are signed with: PEM, a JWK, or the path of either.').optional(),
  kid: z
    .string()
    .min(1)
    .describe('The id of private_key, as the issuer knows it. Without it: that of a JWK.')
    .optional(),
  signing_alg: z
    .enum(signingAlgorithms)
    .describe('The algorithm of what private_key signs. Without it: ES256, ES384, ES512, EdDSA or RS256, by the key.')
    .optional(),
  client_assertion_audience: z
    .string()
    .min(1)
    .describe('The audience of client assertions. Without it: the issuer, or its token endpoint.')
    .optional(),
  client_certificate: z.string().min(1).describe(`The certificate that is shown in TLS: ${pemOrPath}.`).optional(),
  client_key: secret(`The key of client_certificate: ${pemOrPath}.`).optional(),
  ca: z
    .string()
    .min(1)
    .describe(`Authorities that are trusted at the issuer instead of those that Node.js trusts: ${pemOrPath}.`)
    .optional(),
  token_request: z.enum(['form', 'json']).describe('How the body of a token request is written.').default('form'),
  dpop,
  assertion,
  refresh_token: secret('The first refresh token; the store in state_dir holds its successors.').optional(),
  value: secret('The credential itself, for the grant static.')
    .regex(/^[\x20-\x7E]+$/, { error: 'expected printable ASCII on one line, since a header has to carry it' })
    .optional(),
  scopes: z.array(scope).describe('The scopes to ask for.').default([]),
  resource: z
    .union([resourceUri, z.array(resourceUri)])
    .describe('What the token is for (RFC 8707): one absolute URI, or a list.')
    .default([]),
  audience: z.string().min(1).describe('What the token is for, at issuers that ask for `audience`.').optional(),
  parameters: tokenParameters,
  login,
  introspect: z
    .boolean()
    .describe('Asks the issuer of a token that a target refused (RFC 7662). Without it: where its endpoint is named.')
    .optional(),
  refresh,
  send_to: z
    .array(origin)
    .describe('Origins that the token may be sent to; for another, a check is refused.')
    .default([]),
  present,
  export: exportTo,
  budget: z.string().describe('The budget that its requests are taken from. Without it: default.').optional(),
  timeout: duration('The time that a refresh may take. Without it: defaults.timeout.', '1ms').optional(),
  allow_http: z.boolean().describe('Lets the issuer be asked over plain http.').default(false),
});

export type TokenValues = z.infer<typeof tokenSchema>;

export type TokenKey = keyof TokenValues;

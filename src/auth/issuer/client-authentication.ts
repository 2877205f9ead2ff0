import type { ClientAuth } from 'oauth4webapi';
import type { TokenDefinition } from '../../model/check.ts';
import { formEncode } from './excerpt.ts';
import type { Signable } from './signing.ts';
import { type JwsKey, readSigningKey } from './signing-key.ts';

/** A request for which something may be signed. */
export interface Occasion {
  /** How the issuer is named to itself, for `aud`. */
  readonly issuer: string;
  sign(signable: Signable): Promise<string>;
}

/** Shows who the client is, on one request. */
export type Authenticate = (occasion: Occasion) => ClientAuth;

/** Long enough for a slow issuer, and too short to be of use to who finds one. */
const assertionLifetimeMs = 60_000;

/**
 * How a client shows who it is (RFC 6749 section 2.3). Throws `TypeError` when a secret, a key or a certificate is needed
 * and there is none that fits. The certificate itself is shown by the connection (RFC 8705 section 2).
 */
export function clientAuthentication(definition: TokenDefinition): Authenticate {
  const { clientAuth, clientId, clientSecret, signingKey, clientCertificate, clientAssertionAudience } = definition;
  switch (clientAuth) {
    case 'client_secret_basic':
      return basicAuthentication(required(clientSecret, 'client_secret_basic needs a client secret').reveal());
    case 'client_secret_post':
      return postAuthentication(required(clientSecret, 'client_secret_post needs a client secret').reveal());
    case 'client_secret_jwt': {
      const secret = required(clientSecret, 'client_secret_jwt needs a client secret').reveal();
      return jwtAuthentication({ key: Buffer.from(secret), algorithm: 'HS256' }, clientAssertionAudience);
    }
    case 'private_key_jwt':
      return jwtAuthentication(
        readSigningKey(required(signingKey, 'private_key_jwt needs a private key')),
        clientAssertionAudience,
      );
    case 'tls_client_auth':
    case 'self_signed_tls_client_auth':
      required(clientCertificate, `${clientAuth} needs a client certificate`);
      return nameAlone(clientId);
    case 'none':
      return nameAlone(clientId);
  }
}

function required<T>(value: T | undefined, problem: string): T {
  if (value === undefined) throw new TypeError(problem);
  return value;
}

/** Nothing at all without a client id: an assertion may speak for itself (RFC 7523 section 2.1). */
function nameAlone(clientId: string | undefined): Authenticate {
  return () => (_issuer, _client, body) => {
    if (clientId !== undefined) body.set('client_id', clientId);
  };
}

/**
 * RFC 6749 section 2.3.1 has the two parts form-encoded before they are joined. oauth4webapi's own function encodes
 * `-`, `.` and `_` as well, which many issuers never decode; the plain form encoding leaves those as they are, so ids
 * such as UUIDs pass at issuers that keep the rule and at those that do not.
 */
function basicAuthentication(secret: string): Authenticate {
  return () => (_issuer, client, _body, headers) => {
    const pair = `${formEncode(client.client_id)}:${formEncode(secret)}`;
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  };
}

function postAuthentication(secret: string): Authenticate {
  return () => (_issuer, client, body) => {
    body.set('client_id', client.client_id);
    body.set('client_secret', secret);
  };
}

/**
 * RFC 7523 section 2.2. oauth4webapi has functions for this as well; they read the ambient clock, so what they sign can
 * be stamped neither in corrected time nor by a clock of a test.
 */
function jwtAuthentication(key: JwsKey, audience: string | undefined): Authenticate {
  return ({ issuer, sign }) =>
    async (_issuer, client, body) => {
      const { client_id } = client;
      const assertion = await sign({
        kind: 'client_assertion',
        key,
        header: { typ: 'JWT' },
        claims: { iss: client_id, sub: client_id, aud: audience ?? issuer },
        lifetimeMs: assertionLifetimeMs,
      });
      body.set('client_id', client_id);
      body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
      body.set('client_assertion', assertion);
    };
}

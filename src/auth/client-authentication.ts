import { type ClientAuth, ClientSecretPost, None } from 'oauth4webapi';
import type { TokenDefinition } from '../model/check.ts';
import { formEncode } from './excerpt.ts';

/** How a client shows who it is (RFC 6749 section 2.3). Throws `TypeError` when a secret is needed and there is none. */
export function clientAuthentication({ clientAuth, clientSecret }: TokenDefinition): ClientAuth {
  if (clientAuth === 'none') return None();
  if (!clientSecret) throw new TypeError(`${clientAuth} needs a client secret`);
  return clientAuth === 'client_secret_post'
    ? ClientSecretPost(clientSecret.reveal())
    : basicAuthentication(clientSecret.reveal());
}

/**
 * RFC 6749 section 2.3.1 has the two parts form-encoded before they are joined. oauth4webapi's own function encodes
 * `-`, `.` and `_` as well, which many issuers never decode; the plain form encoding leaves those as they are, so ids
 * such as UUIDs pass at issuers that keep the rule and at those that do not.
 */
function basicAuthentication(secret: string): ClientAuth {
  return (_issuer, client, _body, headers) => {
    const pair = `${formEncode(client.client_id)}:${formEncode(secret)}`;
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  };
}

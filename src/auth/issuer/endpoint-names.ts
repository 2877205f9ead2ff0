import type { IssuerEndpoints } from '../../model/check.ts';

export type EndpointName = keyof IssuerEndpoints;

/** As metadata spells it, before `_endpoint` (RFC 8414 section 2, RFC 8628 section 4, RFC 9126 section 5). */
const spelt = {
  token: 'token',
  authorization: 'authorization',
  deviceAuthorization: 'device_authorization',
  pushedAuthorizationRequest: 'pushed_authorization_request',
  introspection: 'introspection',
  revocation: 'revocation',
} as const satisfies Record<EndpointName, string>;

export const endpointNames = Object.keys(spelt) as readonly EndpointName[];

/** The member of an issuer's metadata: `device_authorization_endpoint`. */
export function metadataMember(name: EndpointName): string {
  return `${spelt[name]}_endpoint`;
}

/** For a sentence: `device authorization endpoint`. */
export function endpointWords(name: EndpointName): string {
  return metadataMember(name).replaceAll('_', ' ');
}

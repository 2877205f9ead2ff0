import type { TokenDefinition } from '../../model/check.ts';

/**
 * What a login must agree on with whoever keeps its tokens, as text that can be compared: two configurations that differ
 * in it would refresh tokens at another issuer, as another client or for something else than the person has consented
 * to, or could not refresh them.
 */
export function loginIdentity(definition: TokenDefinition): string {
  const { grant, issuer, endpoints, clientId, clientAuth, scopes, resources, audience, parameters } = definition;
  const isProved = definition.dpop !== undefined;
  const hasCertificate = definition.clientCertificate !== undefined;
  const client = [clientId, clientAuth, isProved, hasCertificate];
  return JSON.stringify([grant, issuer, endpoints, client, scopes, resources, audience, parameters]);
}

const needsNoPerson: ReadonlySet<string> = new Set(['client_credentials', 'jwt_bearer', 'static']);

/** Whether a person can log in to a token. */
export function takesLogin({ grant }: TokenDefinition): boolean {
  return !needsNoPerson.has(grant);
}

import type { TokenDefinition } from '../model/check.ts';

/**
 * What a login must agree on with whoever keeps its tokens, as text that can be compared: two configurations that differ
 * in it would refresh tokens at another issuer, or as another client, than the person has consented to.
 */
export function loginIdentity({ grant, issuer, endpoints, clientId, scopes }: TokenDefinition): string {
  return JSON.stringify([grant, issuer, endpoints, clientId, scopes]);
}

const needsNoPerson: ReadonlySet<string> = new Set(['client_credentials', 'jwt_bearer', 'static']);

/** Whether a person can log in to a token. */
export function takesLogin({ grant }: TokenDefinition): boolean {
  return !needsNoPerson.has(grant);
}

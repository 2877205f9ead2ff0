import type { TokenDefinition } from '../../model/check.ts';

/**
 * What all requests for access say of it, whoever asks: `scope` where it is wanted, `resource` (RFC 8707 section 2) once
 * for each, and `audience`, which some issuers want in its stead.
 */
export function accessParameters(
  { resources, audience }: Pick<TokenDefinition, 'resources' | 'audience'>,
  scopes: readonly string[],
  others: Readonly<Record<string, string>>,
): URLSearchParams {
  const parameters = new URLSearchParams(others);
  if (scopes.length > 0) parameters.set('scope', scopes.join(' '));
  if (audience !== undefined) parameters.set('audience', audience);
  for (const resource of resources) parameters.append('resource', resource);
  return parameters;
}

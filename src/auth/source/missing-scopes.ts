import type { TokenDefinition } from '../../model/check.ts';
import type { TokenObservation } from '../../model/token.ts';

/** Asked for to have something else than access to an API (OpenID Connect Core sections 5.4 and 11); not granted by name everywhere. */
const identityScopes: ReadonlySet<string> = new Set([
  'openid',
  'offline_access',
  'profile',
  'email',
  'address',
  'phone',
]);

/**
 * What a granted token lacks of the scopes that were asked for and of those that checks need; undefined when it lacks
 * nothing. An issuer that is silent has granted what was asked for (RFC 6749 section 5.1); where nothing was asked for
 * either, nobody knows, and nothing is said.
 */
export function missingScopes(
  { scopes, neededScopes }: TokenDefinition,
  granted: readonly string[] | undefined,
): TokenObservation['missingScopes'] {
  if (!granted && scopes.length === 0) return undefined;
  const held = granted ?? scopes;
  const lacks = (scope: string) => !held.includes(scope);
  const asked = scopes.filter((scope) => lacks(scope) && !identityScopes.has(scope));
  const byCheck = Object.fromEntries(
    Object.entries(neededScopes)
      .map(([check, needed]) => [check, needed.filter(lacks)] as const)
      .filter(([, missing]) => missing.length > 0),
  );
  return asked.length > 0 || Object.keys(byCheck).length > 0 ? { asked, byCheck } : undefined;
}

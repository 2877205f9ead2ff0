import type { TokenDefinition } from './model/check.ts';
import { clockOrigin } from './model/clock-origin.ts';
import type { CheckIdentity } from './model/result.ts';

/**
 * The origins of issuers and targets that a configuration names. Others may be met on the way: by redirects, by discovery.
 * A target whose host is masked has none.
 */
export function namedOrigins(
  tokens: readonly Pick<TokenDefinition, 'issuer' | 'endpoints'>[],
  checks: readonly CheckIdentity[],
): readonly string[] {
  const addresses = [
    ...tokens.flatMap(({ issuer, endpoints }) => [issuer, ...Object.values(endpoints)]),
    ...checks.map(({ target }) => target),
  ];
  const origins = addresses.flatMap((address) => {
    const url = URL.parse(address ?? '');
    return url ? [clockOrigin(url)] : [];
  });
  // What has a scheme of another kind is of the origin `null`.
  return [...new Set(origins)].filter((origin) => origin !== 'null');
}

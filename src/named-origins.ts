import type { TokenDefinition } from './model/check.ts';
import { clockOrigin } from './model/clock-origin.ts';
import type { CheckIdentity } from './model/result.ts';

/** Scheme, host and port of an address. */
const upToPath = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\\]+/i;

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
  // Many checks of few hosts are the rule, and it is dear to take an address apart.
  const hosts = new Set(addresses.map((address = '') => upToPath.exec(address)?.[0] ?? address));
  const origins = [...hosts].flatMap((address) => {
    const url = URL.parse(address);
    return url ? [clockOrigin(url)] : [];
  });
  // What has a scheme of another kind is of the origin `null`.
  return [...new Set(origins)].filter((origin) => origin !== 'null');
}

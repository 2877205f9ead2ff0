import { allowInsecureRequests, customFetch, discoveryRequest } from 'oauth4webapi';
import type { Clock } from '../system/clock.ts';
import { isFailing } from './failing-status.ts';
import type { IssuerDoor } from './issuer-door.ts';
import { readMetadata } from './metadata.ts';

/** A token endpoint, or why there is none. `unanswered`: the last exchange itself tells. */
type Discovered = URL | { readonly problem: string } | 'unanswered';

export interface Discovery {
  /** From memory, or by asking the issuer through `door`, once or twice. Failures are not remembered. */
  tokenEndpoint(door: IssuerDoor, headers: Readonly<Record<string, string>>): Promise<Discovered>;
  /** Asks anew next time: what was remembered did not work. */
  forget(): void;
}

/** Issuers move their endpoints rarely, and say so in their metadata long before. */
const longestAgeMs = 3_600_000;

type Algorithm = 'oauth2' | 'oidc';

/** A named endpoint needs no discovery. */
export function namedEndpoint(tokenEndpoint: URL): Discovery {
  return { tokenEndpoint: async () => tokenEndpoint, forget() {} };
}

/**
 * Finds the token endpoint in the metadata of an issuer: of RFC 8414 first, then of OpenID Connect; then the one that
 * was found there first. Remembered for an hour.
 */
export function createDiscovery(clock: Clock, issuer: URL, allowHttp: boolean): Discovery {
  let known: { readonly endpoint: URL; readonly atMs: number } | undefined;
  let order: readonly Algorithm[] = ['oauth2', 'oidc'];

  const ask = async (door: IssuerDoor, headers: Readonly<Record<string, string>>, algorithm: Algorithm) => {
    // The configuration has decided on plain http already; the library's own rule knows no loopback.
    await discoveryRequest(issuer, { algorithm, headers, [customFetch]: door.fetch, [allowInsecureRequests]: true });
    const { failure, response, url } = door.last() ?? {};
    if (failure || !response || isFailing(response.status)) return 'unanswered';
    if (response.status !== 200) return { problem: `${url} answered ${response.status}` };
    const reading = readMetadata(response.body.toString('utf8'), issuer, allowHttp);
    return 'problem' in reading ? { problem: `${url} ${reading.problem}` } : reading.tokenEndpoint;
  };

  return {
    async tokenEndpoint(door, headers) {
      if (known && clock.monotonicMs() - known.atMs < longestAgeMs) return known.endpoint;
      known = undefined;
      const problems: string[] = [];
      for (const algorithm of order) {
        const found = await ask(door, headers, algorithm);
        if (found === 'unanswered') return found;
        if (found instanceof URL) {
          known = { endpoint: found, atMs: clock.monotonicMs() };
          order = algorithm === 'oidc' ? ['oidc', 'oauth2'] : ['oauth2', 'oidc'];
          return found;
        }
        problems.push(found.problem);
      }
      return { problem: `discovery found no token endpoint: ${problems.join('; ')}` };
    },
    forget() {
      known = undefined;
    },
  };
}

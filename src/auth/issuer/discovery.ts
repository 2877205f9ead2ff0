import { allowInsecureRequests, customFetch, discoveryRequest } from 'oauth4webapi';
import type { Clock } from '../../system/clock.ts';
import { isFailing } from './failing-status.ts';
import type { IssuerDoor, IssuerExchange } from './issuer-door.ts';
import { wholeAnswer } from './issuer-exchange.ts';
import { type IssuerMetadata, type MetadataOptions, readMetadata } from './metadata.ts';

export interface Discovery {
  /**
   * From memory, or by asking the issuer through `door`, once or twice. Failures are not remembered. A problem is a
   * clause for a person; `failed` is the exchange that tells of an issuer that fails.
   */
  metadata(
    door: IssuerDoor,
    headers: () => Readonly<Record<string, string>>,
  ): Promise<IssuerMetadata | { readonly problem: string } | { readonly failed: IssuerExchange }>;
  /** What is remembered. */
  known(): IssuerMetadata | undefined;
  /** Asks anew next time: what was remembered did not work. */
  forget(): void;
}

export interface DiscoveryOptions extends MetadataOptions {
  /** Whether metadata without a token endpoint is of no use. */
  readonly needsToken: boolean;
}

/** Issuers move their endpoints rarely, and say so in their metadata long before. */
const longestAgeMs = 3_600_000;

type Algorithm = 'oauth2' | 'oidc';

/**
 * Finds the metadata of an issuer: of RFC 8414 first, then of OpenID Connect; then the one that was found there first.
 * Remembered for an hour.
 */
export function createDiscovery(clock: Clock, issuer: URL, options: DiscoveryOptions): Discovery {
  let known: { readonly metadata: IssuerMetadata; readonly atMs: number } | undefined;
  let order: readonly Algorithm[] = ['oauth2', 'oidc'];

  const ask = async (door: IssuerDoor, headers: () => Readonly<Record<string, string>>, algorithm: Algorithm) => {
    // The configuration has decided on plain http already; the library's own rule knows no loopback.
    const exchange = await door.exchange((send) =>
      discoveryRequest(issuer, { algorithm, headers: headers(), [customFetch]: send, [allowInsecureRequests]: true }),
    );
    const { url } = exchange;
    const whole = wholeAnswer(exchange);
    if (!whole || isFailing(whole.status)) return { failed: exchange };
    if (whole.status !== 200) return { problem: `${url} answered ${whole.status}` };
    const metadata = readMetadata(whole.body, issuer, options);
    if ('problem' in metadata) return { problem: `${url} ${metadata.problem}` };
    const { token } = metadata.endpoints;
    return options.needsToken && 'problem' in token ? { problem: `${url} ${token.problem}` } : metadata;
  };

  return {
    async metadata(door, headers) {
      if (known && clock.monotonicMs() - known.atMs < longestAgeMs) return known.metadata;
      known = undefined;
      const problems: string[] = [];
      let failed: IssuerExchange | undefined;
      for (const algorithm of order) {
        const found = await ask(door, headers, algorithm);
        if ('failed' in found) {
          failed = found.failed;
          if (!mayAskOn(failed)) break;
        } else if ('problem' in found) problems.push(found.problem);
        else {
          known = { metadata: found, atMs: clock.monotonicMs() };
          order = algorithm === 'oidc' ? ['oidc', 'oauth2'] : ['oauth2', 'oidc'];
          return found;
        }
      }
      return failed ? { failed } : { problem: problems.join('; ') };
    },
    known: () => known?.metadata,
    forget() {
      known = undefined;
    },
  };
}

/** Some servers fail at the one document and have the other; one that is asked too much, or says nothing, is left alone. */
function mayAskOn(exchange: IssuerExchange): boolean {
  return (wholeAnswer(exchange)?.status ?? 0) >= 500;
}

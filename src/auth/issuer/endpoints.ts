import type { TokenDefinition } from '../../model/check.ts';
import type { Clock } from '../../system/clock.ts';
import { createDiscovery } from './discovery.ts';
import { type EndpointName, endpointWords } from './endpoint-names.ts';
import type { IssuerDoor, IssuerExchange } from './issuer-door.ts';
import type { IssuerMetadata } from './metadata.ts';

/**
 * Why there is nothing to use. `absent`: the issuer has none, as far as anyone says; else it could not be found out. The
 * problem is a clause for a person; without one, the exchange that failed tells.
 */
export interface Unfound {
  readonly absent: boolean;
  readonly problem?: string;
  readonly failed?: IssuerExchange;
}

export type FoundEndpoint = URL | Unfound;

type OwnHeaders = () => Readonly<Record<string, string>>;

/** Where the requests of one client go. */
export interface Endpoints {
  find(name: EndpointName, door: IssuerDoor, headers: OwnHeaders): Promise<FoundEndpoint>;
  /** What the configured issuer says of itself, whatever endpoints are configured; undefined where none is. */
  metadata(door: IssuerDoor, headers: OwnHeaders): Promise<IssuerMetadata | Unfound | undefined>;
  /** How the issuer is named to itself, in audiences: its own spelling, else that of the configuration, else its token endpoint. */
  issuerName(): string;
  /** Asks anew next time: an endpoint that was discovered did not work. */
  forget(): void;
}

/** Endpoints that the configuration names need no discovery. Throws `TypeError` without an issuer and a token endpoint. */
export function createEndpoints(
  clock: Clock,
  { issuer, endpoints, allowHttp, clientCertificate }: TokenDefinition,
): Endpoints {
  const name = issuer ?? endpoints.token;
  if (name === undefined) throw new TypeError('a token needs an issuer or a token endpoint');
  const discovery =
    issuer === undefined
      ? undefined
      : createDiscovery(clock, new URL(issuer), {
          allowHttp,
          mutualTls: clientCertificate !== undefined,
          needsToken: endpoints.token === undefined,
        });

  const discover = async (what: string, door: IssuerDoor, headers: OwnHeaders) => {
    const metadata = await discovery?.metadata(door, headers);
    if (!metadata || 'issuer' in metadata) return metadata;
    if ('failed' in metadata) return { absent: false, failed: metadata.failed };
    return { absent: false, problem: `discovery found no ${what}: ${metadata.problem}` };
  };

  return {
    async find(wanted, door, headers) {
      const configured = endpoints[wanted];
      if (configured !== undefined) return new URL(configured);
      const words = endpointWords(wanted);
      const metadata = await discover(words, door, headers);
      if (!metadata) return { absent: true, problem: `no ${words} is configured, and no issuer that could name one` };
      if ('absent' in metadata) return metadata;
      const found = metadata.endpoints[wanted];
      return found instanceof URL ? found : { absent: true, problem: `the metadata of the issuer ${found.problem}` };
    },
    metadata: (door, headers) => discover('metadata of the issuer', door, headers),
    issuerName: () => discovery?.known()?.issuer ?? name,
    forget: () => discovery?.forget(),
  };
}

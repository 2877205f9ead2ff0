import type { TokenDefinition } from '../model/check.ts';
import type { Clock } from '../system/clock.ts';
import { createDiscovery } from './discovery.ts';
import { type EndpointName, endpointWords } from './endpoint-names.ts';
import type { IssuerDoor } from './issuer-door.ts';
import type { IssuerMetadata } from './metadata.ts';

/**
 * An endpoint, or why there is none. `absent`: the issuer has none, as far as anyone says; else it could not be found
 * out. The problem is a clause for a person; without one the last exchange itself tells.
 */
export type FoundEndpoint = URL | { readonly absent: boolean; readonly problem?: string };

/** Where the requests of one client go. */
export interface Endpoints {
  find(name: EndpointName, door: IssuerDoor, headers: () => Readonly<Record<string, string>>): Promise<FoundEndpoint>;
  /** What the issuer has said of itself, where it was asked. */
  metadata(): IssuerMetadata | undefined;
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

  return {
    async find(wanted, door, headers) {
      const configured = endpoints[wanted];
      if (configured !== undefined) return new URL(configured);
      const words = endpointWords(wanted);
      if (!discovery) return { absent: true, problem: `no ${words} is configured, and no issuer that could name one` };
      const metadata = await discovery.metadata(door, headers);
      if (metadata === 'unanswered') return { absent: false };
      if ('problem' in metadata) return { absent: false, problem: `discovery found no ${words}: ${metadata.problem}` };
      const found = metadata.endpoints[wanted];
      return found instanceof URL ? found : { absent: true, problem: `the metadata of the issuer ${found.problem}` };
    },
    metadata: () => discovery?.known(),
    issuerName: () => discovery?.known()?.issuer ?? name,
    forget: () => discovery?.forget(),
  };
}

import type { TokenDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import type { Secret } from '../../model/secret.ts';
import type { ConnectionOptions } from '../../net/http.ts';
import type { IssuerPorts, TokenRun } from '../issuer.ts';
import type { Dpop } from '../presentation/dpop.ts';
import { createDpopNonces } from '../presentation/dpop-nonces.ts';
import { clientAuthentication } from './client-authentication.ts';
import { type Conversation, createConversation } from './conversation.ts';
import { createEndpoints } from './endpoints.ts';
import { createIssuerDoor } from './issuer-door.ts';
import type { Sign } from './signing.ts';

/** One client of one issuer. */
export interface IssuerClient {
  /** Talks for one run, within its time; `secrets` are those of the run, to be concealed in what is told of it. */
  converse<T>(
    run: TokenRun,
    secrets: readonly (Secret | undefined)[],
    talk: (conversation: Conversation) => Promise<T>,
  ): Promise<T>;
}

/** Throws `TypeError` for a definition that validation would have refused. */
export function createIssuerClient(
  { system: { clock }, http, budget, mask, ownHeaders }: IssuerPorts,
  definition: TokenDefinition,
  sign: Sign,
  dpop: Dpop | undefined,
): IssuerClient {
  const { clientSecret, timeoutMs } = definition;
  const connection = connectionOf(definition);
  const endpoints = createEndpoints(clock, definition);
  const authenticate = clientAuthentication(definition);
  const parts = { definition, endpoints, authenticate, sign, dpop, nonces: createDpopNonces(), mask };
  return {
    async converse(run, secrets, talk) {
      const known = [clientSecret, ...secrets].filter((secret) => secret !== undefined);
      const door = createIssuerDoor({ clock, http, budget, connection }, timeoutMs, run);
      try {
        return await talk(createConversation(parts, door, () => ownHeaders(run.runId), known));
      } finally {
        door.close();
      }
    },
  };
}

/** Where a client has a certificate, it is shown on each connection to the issuer: tokens may be bound to it (RFC 8705). */
function connectionOf({ ca, clientCertificate }: TokenDefinition): ConnectionOptions {
  return compact({ ca, clientCertificate: clientCertificate?.certificate, clientKey: clientCertificate?.key.reveal() });
}

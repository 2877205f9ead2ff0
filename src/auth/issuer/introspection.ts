import { introspectionRequest } from 'oauth4webapi';
import type { Secret } from '../../model/secret.ts';
import type { TokenRun } from '../issuer.ts';
import type { IssuerClient } from './issuer-client.ts';
import { answerOf } from './issuer-exchange.ts';

/** Asks what the issuer knows of a token (RFC 7662 section 2); what it returns throws `PermitRefused` alone. */
export function createIntrospection(
  client: IssuerClient,
): (run: TokenRun, token: Secret) => Promise<'active' | 'inactive' | 'unknown'> {
  return (run, token) =>
    client.converse(run, [token], async (conversation) => {
      const endpoint = await conversation.find('introspection');
      if (!(endpoint instanceof URL)) return 'unknown';
      const exchange = await conversation.send('introspection', endpoint, (sending) =>
        introspectionRequest(sending.server, sending.client, sending.authentication, token.reveal(), sending.options),
      );
      const answer = answerOf(exchange);
      const active = 'members' in answer ? answer.members.active : undefined;
      if (typeof active !== 'boolean') return 'unknown';
      return active ? 'active' : 'inactive';
    });
}

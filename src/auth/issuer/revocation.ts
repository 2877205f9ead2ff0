import { revocationRequest } from 'oauth4webapi';
import type { Secret } from '../../model/secret.ts';
import type { RevocationAnswer, TokenRun } from '../issuer.ts';
import type { IssuerClient } from './issuer-client.ts';
import { answerOf, wholeAnswer } from './issuer-exchange.ts';

/** Has the issuer forget a token (RFC 7009 section 2); what it returns throws `PermitRefused` alone. */
export function createRevocation(
  client: IssuerClient,
): (run: TokenRun, token: Secret, hint: 'refresh_token' | 'access_token') => Promise<RevocationAnswer> {
  return (run, token, hint) =>
    client.converse(run, [token], async (conversation) => {
      const endpoint = await conversation.find('revocation');
      if (!(endpoint instanceof URL))
        return endpoint.absent
          ? { kind: 'unsupported' }
          : { kind: 'failed', observation: conversation.observeUnfound(endpoint) };
      const exchange = await conversation.send('revocation', endpoint, (sending) =>
        revocationRequest(sending.server, sending.client, sending.authentication, token.reveal(), {
          ...sending.options,
          additionalParameters: { token_type_hint: hint },
        }),
      );
      const { status = 0 } = wholeAnswer(exchange) ?? {};
      const answer = answerOf(exchange);
      // What stands in the body of a success is nobody's concern (RFC 7009 section 2.2).
      if ('members' in answer || (status >= 200 && status <= 299)) return { kind: 'revoked' };
      if (answer.refusal.error === 'unsupported_token_type') return { kind: 'unsupported' };
      return { kind: 'failed', observation: conversation.observe('revocation', answer.refusal) };
    });
}

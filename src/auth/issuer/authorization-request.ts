import { createHash } from 'node:crypto';
import { pushedAuthorizationRequest } from 'oauth4webapi';
import type { TokenDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import type { TokenObservation } from '../../model/token.ts';
import type { AuthorizationAnswer, AuthorizationRequest, TokenRun } from '../issuer.ts';
import type { Dpop } from '../presentation/dpop.ts';
import { textMember } from './answer.ts';
import type { Conversation } from './conversation.ts';
import type { IssuerClient } from './issuer-client.ts';
import { answerOf } from './issuer-exchange.ts';
import { accessParameters } from './request-parameters.ts';

/** Makes the address that a person's browser is sent to; what it returns throws `PermitRefused` alone. */
export function createAuthorizationRequest(
  client: IssuerClient,
  definition: TokenDefinition,
  dpop: Dpop | undefined,
): (run: TokenRun, request: AuthorizationRequest) => Promise<AuthorizationAnswer> {
  const { login, scopes, clientId = '' } = definition;

  const parametersOf = async ({ redirectUri, state, codeVerifier }: AuthorizationRequest) => {
    const parameters = accessParameters(definition, scopes, login.parameters);
    const own = compact({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      state,
      code_challenge: createHash('sha256').update(codeVerifier.reveal()).digest('base64url'),
      code_challenge_method: 'S256',
      // The code is then of use to the holder of the key alone (RFC 9449 section 10).
      dpop_jkt: await dpop?.thumbprint(),
    });
    for (const [name, value] of Object.entries(own)) parameters.set(name, value);
    return parameters;
  };

  return (run, request) =>
    client.converse(run, [request.codeVerifier], async (conversation) => {
      // Also where all endpoints are configured: what the issuer promises and requires protects the login.
      const metadata = await conversation.metadata();
      if (metadata && 'absent' in metadata) return { observation: conversation.observeUnfound(metadata) };
      const endpoint = await conversation.find('authorization');
      if (!(endpoint instanceof URL)) return { observation: conversation.observeUnfound(endpoint) };
      let parameters = await parametersOf(request);
      if (login.pushed || metadata?.requiresPushed) {
        const pushed = await push(conversation, parameters);
        if ('observation' in pushed) return pushed;
        parameters = new URLSearchParams({ client_id: clientId, request_uri: pushed.requestUri });
      }
      return compact({
        url: withParameters(endpoint, parameters),
        iss: metadata?.promisesIss ? metadata.issuer : undefined,
      });
    });
}

/** RFC 9126 section 2. */
async function push(
  conversation: Conversation,
  parameters: URLSearchParams,
): Promise<{ readonly requestUri: string } | { readonly observation: TokenObservation }> {
  const endpoint = await conversation.find('pushedAuthorizationRequest');
  if (!(endpoint instanceof URL)) return { observation: conversation.observeUnfound(endpoint) };
  const exchange = await conversation.send(
    'pushedAuthorizationRequest',
    endpoint,
    ({ server, client, authentication, options }) =>
      pushedAuthorizationRequest(server, client, authentication, parameters, options),
  );
  const answer = answerOf(exchange);
  const refused = (refusal: Parameters<Conversation['observe']>[1]) => ({
    observation: conversation.observe('pushed_authorization_request', refusal),
  });
  if ('refusal' in answer) return refused(answer.refusal);
  const requestUri = textMember(answer.members.request_uri);
  return requestUri === undefined ? refused({ problem: 'the answer has no request_uri' }) : { requestUri };
}

/** The endpoint may have a query of its own, which stays (RFC 6749 section 3.1). */
function withParameters(endpoint: URL, parameters: URLSearchParams): URL {
  const url = new URL(endpoint);
  for (const [name, value] of parameters) url.searchParams.append(name, value);
  return url;
}

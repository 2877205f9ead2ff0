import { genericTokenEndpointRequest } from 'oauth4webapi';
import type { TokenDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import type { Secret } from '../../model/secret.ts';
import type { Clock } from '../../system/clock.ts';
import type { GrantRequest, IssuerAnswer, TokenRun } from '../issuer.ts';
import { retryAfterMs } from '../source/retry.ts';
import { createAssertion, type MakeAssertion } from './assertion.ts';
import type { Occasion } from './client-authentication.ts';
import type { Conceal } from './excerpt.ts';
import type { IssuerClient } from './issuer-client.ts';
import type { IssuerExchange } from './issuer-door.ts';
import { neverSent, wholeAnswer } from './issuer-exchange.ts';
import { accessParameters } from './request-parameters.ts';
import { readTokenAnswer, type TokenAnswer } from './token-answer.ts';

const grantTypes = {
  client_credentials: 'client_credentials',
  jwt_bearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  refresh_token: 'refresh_token',
  authorization_code: 'authorization_code',
  device_code: 'urn:ietf:params:oauth:grant-type:device_code',
} as const satisfies Record<GrantRequest['grant'], string>;

/**
 * Asks the token endpoint (RFC 6749 section 3.2). Throws `TypeError` for a definition that validation would have refused;
 * what it returns throws `PermitRefused` alone, and what `beforeSending` throws.
 */
export function createTokenRequest(
  clock: Clock,
  client: IssuerClient,
  definition: TokenDefinition,
): (run: TokenRun, what: GrantRequest) => Promise<IssuerAnswer> {
  const { scopes, assertion } = definition;
  const makeAssertion = definition.grant === 'jwt_bearer' ? createAssertion(definition) : undefined;

  const parametersOf = async (what: GrantRequest, occasion: Occasion) => {
    // A code stands for scopes that were asked for already (RFC 6749 section 4.1.3, RFC 8628 section 3.4).
    const isOfCode = what.grant === 'authorization_code' || what.grant === 'device_code';
    const asked = isOfCode || keepsScopes(what) ? [] : scopes;
    const parameters = accessParameters(definition, asked, definition.parameters);
    for (const [name, value] of Object.entries(await shownFor(what, occasion, makeAssertion)))
      parameters.set(name, value);
    return parameters;
  };

  return (run, what) => {
    const ready = assertion && 'ready' in assertion ? assertion.ready : undefined;
    return client.converse(run, [ready, ...secretsOf(what)], async (conversation) => {
      const askedToWaitMs = (exchange = conversation.last()) =>
        retryAfterMs(exchange?.response?.headers ?? {}, clock.wallMs());
      const endpoint = await conversation.find('token');
      if (!(endpoint instanceof URL)) {
        const observation = conversation.observeUnfound(endpoint);
        return compact({ observation, spent: 'no' as const, retryAfterMs: askedToWaitMs(endpoint.failed) });
      }
      const exchange = await conversation.send('token', endpoint, async (sending) => {
        const { server, authentication, options } = sending;
        if (what.grant === 'refresh_token') await what.beforeSending?.();
        const parameters = await parametersOf(what, sending);
        return genericTokenEndpointRequest(
          server,
          sending.client,
          authentication,
          grantTypes[what.grant],
          parameters,
          options,
        );
      });
      const read = readAnswer(exchange, definition.dpop !== undefined);
      const answer = withScopes(read, keepsScopes(what) ? [] : scopes, conversation.conceal);
      return compact({
        observation: conversation.observe('token', answer),
        access: answer.access,
        refreshToken: answer.refreshToken,
        sentAt: exchange.sentAt,
        spent: spentBy(exchange, answer),
        retryAfterMs: askedToWaitMs(),
      });
    });
  };
}

function keepsScopes(what: GrantRequest): boolean {
  return what.grant === 'refresh_token' && what.keepsScopes === true;
}

/** What is shown to be granted a token. */
async function shownFor(
  what: GrantRequest,
  occasion: Occasion,
  makeAssertion: MakeAssertion | undefined,
): Promise<Record<string, string>> {
  switch (what.grant) {
    case 'client_credentials':
    case 'jwt_bearer':
      return makeAssertion ? { assertion: await makeAssertion(occasion) } : {};
    case 'refresh_token':
      return { refresh_token: what.refreshToken.reveal() };
    case 'authorization_code':
      return { code: what.code.reveal(), redirect_uri: what.redirectUri, code_verifier: what.codeVerifier.reveal() };
    case 'device_code':
      return { device_code: what.deviceCode.reveal() };
  }
}

function secretsOf(what: GrantRequest): readonly Secret[] {
  if (what.grant === 'refresh_token') return [what.refreshToken];
  if (what.grant === 'authorization_code') return [what.code, what.codeVerifier];
  return what.grant === 'device_code' ? [what.deviceCode] : [];
}

function readAnswer(exchange: IssuerExchange, proved: boolean): TokenAnswer {
  const whole = wholeAnswer(exchange);
  return whole ? readTokenAnswer(whole.status, whole.body, proved) : {};
}

/**
 * An issuer that says nothing of scopes has granted those that were asked for (RFC 6749 section 5.1). Those that it names
 * are told wherever the token is spoken of.
 */
function withScopes(answer: TokenAnswer, asked: readonly string[], conceal: Conceal): TokenAnswer {
  const { access } = answer;
  if (!access) return answer;
  const scopes = access.scopes?.map(conceal) ?? (asked.length > 0 ? asked : undefined);
  return { ...answer, access: compact({ ...access, scopes }) };
}

function spentBy(exchange: IssuerExchange, answer: TokenAnswer): IssuerAnswer['spent'] {
  if (answer.access || answer.refreshToken) return 'yes';
  const whole = wholeAnswer(exchange);
  if (!whole) return neverSent(exchange) ? 'no' : 'unclear';
  // An issuer that fails may have rotated before it did, whatever it says.
  if (whole.status >= 500) return 'unclear';
  return answer.error !== undefined || whole.status >= 400 ? 'no' : 'unclear';
}

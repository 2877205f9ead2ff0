import { deviceAuthorizationRequest } from 'oauth4webapi';
import type { TokenDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import { Secret } from '../../model/secret.ts';
import type { TokenObservation } from '../../model/token.ts';
import type { DeviceAuthorization, TokenRun } from '../issuer.ts';
import type { JsonObject } from '../json.ts';
import { secondsMember, textMember } from './answer.ts';
import type { Conceal } from './excerpt.ts';
import type { IssuerClient } from './issuer-client.ts';
import { answerOf } from './issuer-exchange.ts';
import { accessParameters } from './request-parameters.ts';

/** RFC 8628 section 3.2. */
const usualIntervalSeconds = 5;
/** What an issuer asks for below this can only be a mistake. */
const shortestIntervalSeconds = 1;
const longestSeconds = 24 * 3600;

/** Begins the device flow (RFC 8628 section 3.1); what it returns throws `PermitRefused` alone. */
export function createDeviceAuthorization(
  client: IssuerClient,
  definition: TokenDefinition,
): (run: TokenRun) => Promise<DeviceAuthorization | { readonly observation: TokenObservation }> {
  const parameters = accessParameters(definition, definition.scopes, {});
  return (run) =>
    client.converse(run, [], async (conversation) => {
      const endpoint = await conversation.find('deviceAuthorization');
      if (!(endpoint instanceof URL)) return { observation: conversation.observeUnfound(endpoint) };
      const exchange = await conversation.send('deviceAuthorization', endpoint, (sending) =>
        deviceAuthorizationRequest(sending.server, sending.client, sending.authentication, parameters, sending.options),
      );
      const answer = answerOf(exchange);
      const read = 'refusal' in answer ? answer.refusal : readDeviceAuthorization(answer.members);
      if (!('deviceCode' in read)) return { observation: conversation.observe('device_authorization', read) };
      return { ...read, ...shown(read, conversation.conceal) };
    });
}

/** What a person is shown, without what the issuer was shown. */
function shown({ userCode, verificationUri, verificationUriComplete }: DeviceAuthorization, conceal: Conceal) {
  return compact({
    userCode: conceal(userCode),
    verificationUri: conceal(verificationUri),
    verificationUriComplete: verificationUriComplete && conceal(verificationUriComplete),
  });
}

function readDeviceAuthorization(members: JsonObject): DeviceAuthorization | { readonly problem: string } {
  const deviceCode = textMember(members.device_code);
  if (deviceCode === undefined) return { problem: 'the answer has no device_code' };
  const userCode = textMember(members.user_code);
  if (userCode === undefined) return { problem: 'the answer has no user_code' };
  // Drafts of the standard said `verification_url`, and a large issuer still does.
  const verificationUri = webAddress(members.verification_uri) ?? webAddress(members.verification_url);
  if (verificationUri === undefined) return { problem: 'the answer has no verification_uri that is a web address' };
  const expiresIn = secondsMember(members.expires_in);
  if (typeof expiresIn !== 'number') return { problem: 'expires_in is not a positive number of seconds' };
  const interval = secondsMember(members.interval);
  return compact({
    deviceCode: new Secret(deviceCode),
    userCode,
    verificationUri,
    verificationUriComplete: webAddress(members.verification_uri_complete),
    expiresInMs: Math.min(expiresIn, longestSeconds) * 1000,
    intervalMs:
      Math.max(shortestIntervalSeconds, typeof interval === 'number' ? interval : usualIntervalSeconds) * 1000,
  });
}

/** It is shown to a person, and opened. */
function webAddress(value: unknown): string | undefined {
  const text = textMember(value);
  return text !== undefined && /^https?:$/.test(URL.parse(text)?.protocol ?? '') ? text : undefined;
}

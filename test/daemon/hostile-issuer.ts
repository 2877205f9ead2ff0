import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type EchoForm, echoForms, type HostileServer, headerText, openHostile, receive } from './echoes.ts';

type Json = Readonly<Record<string, unknown>>;

/** Where an answer of an endpoint repeats what it was asked with, or a token of its own. */
type Place = (echo: string, response: ServerResponse, newToken: () => string) => void;

const send = (response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}) =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
const sendJson = (response: ServerResponse, status: number, body: Json) => send(response, status, JSON.stringify(body));

const issuerPlaces = {
  'an error': (echo, response) => sendJson(response, 400, { error: echo.replaceAll(' ', '') }),
  'an error description': (echo, response) =>
    sendJson(response, 400, { error: 'invalid_grant', error_description: echo, error_uri: echo }),
  'a description of a bad client': (echo, response) =>
    sendJson(response, 401, { error: 'invalid_client', error_description: echo }),
  'a description of success': (echo, response) =>
    sendJson(response, 200, { error: 'invalid_request', error_description: echo }),
  'a description of failure': (echo, response) =>
    sendJson(response, 500, { error: 'server_error', error_description: echo }),
  'a challenge': (echo, response) =>
    send(response, 401, '', { 'www-authenticate': `Bearer error_description="${headerText(echo)}"` }),
  'a page': (echo, response) => send(response, 200, `<html><p>${echo}</p></html>`, { 'content-type': 'text/html' }),
  'a page of failure': (echo, response) => send(response, 502, `<html><p>${echo}</p></html>`),
  'a body of an unknown shape': (echo, response) => sendJson(response, 400, { message: echo, [echo]: 1 }),
  'a body that is cut': (echo, response) => send(response, 200, `{"error_description":"${echo}`),
  'a list': (echo, response) => send(response, 200, JSON.stringify([echo])),
  'a redirect': (echo, response) => send(response, 302, '', { location: headerText(`/${echo}?${echo}`) }),
  'a content type': (echo, response) => send(response, 400, '', { 'content-type': headerText(echo) }),
  'a date': (echo, response) => send(response, 400, '', { date: headerText(echo), 'retry-after': headerText(echo) }),
  'a token type': (echo, response, newToken) =>
    sendJson(response, 200, { access_token: newToken(), token_type: echo, expires_in: 60 }),
  'a life': (echo, response, newToken) =>
    sendJson(response, 200, { access_token: newToken(), token_type: 'bearer', expires_in: echo }),
  'its scopes': (echo, response, newToken) =>
    sendJson(response, 200, { access_token: newToken(), token_type: 'bearer', expires_in: 60, scope: echo }),
  'its list of scopes': (echo, response, newToken) =>
    sendJson(response, 200, { access_token: newToken(), token_type: 'bearer', expires_in: 60, scope: [echo] }),
  'an access token in the place of its type': (_echo, response, newToken) => {
    const token = newToken();
    sendJson(response, 200, { access_token: token, token_type: token, expires_in: 60 });
  },
  'an access token among its scopes': (_echo, response, newToken) => {
    const [access, refresh] = [newToken(), newToken()];
    const scope = `${access} ${refresh}`;
    sendJson(response, 200, { access_token: access, refresh_token: refresh, token_type: 'bearer', scope });
  },
  'a token by a name of its own': (_echo, response, newToken) =>
    sendJson(response, 200, { token: newToken(), expires: 60 }),
  'a token as a word': (_echo, response, newToken) => send(response, 200, newToken(), { 'content-type': 'text/plain' }),
  'a nonce': (echo, response) =>
    send(response, 400, JSON.stringify({ error: 'use_dpop_nonce', error_description: echo }), {
      'dpop-nonce': headerText(echo).replaceAll(' ', ''),
    }),
} satisfies Record<string, Place>;

export type IssuerPlace = keyof typeof issuerPlaces;

export const issuerPlaceNames = Object.keys(issuerPlaces) as IssuerPlace[];

/** What the issuer answers a device that wants to log in. */
const devicePlaces = {
  'the address of a device': (echo, response, newToken) =>
    sendJson(response, 200, deviceAnswer(newToken, { verification_uri: `https://login.example/${encodeURI(echo)}` })),
  'the full address of a device': (echo, response, newToken) =>
    sendJson(
      response,
      200,
      deviceAnswer(newToken, { verification_uri_complete: `https://login.example/?code=${encodeURIComponent(echo)}` }),
    ),
} satisfies Record<string, Place>;

const deviceAnswer = (newToken: () => string, more: Json) => ({
  device_code: newToken(),
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://login.example/device',
  // An issuer that fails is asked until then.
  expires_in: 0.05,
  interval: 0.01,
  ...more,
});

type DevicePlace = keyof typeof devicePlaces;

export const devicePlaceNames = Object.keys(devicePlaces) as DevicePlace[];

export type LoginPlace = IssuerPlace | DevicePlace;

/** The issuer identifier at which the endpoints whose paths fit repeat themselves so; the others are silent. */
export const issuerPath = (place: LoginPlace, form: EchoForm, endpoint = 'any') =>
  `/${encodeURIComponent(place)}/${encodeURIComponent(form)}/${endpoint}`;

const endpointsAt = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
  device_authorization_endpoint: `${issuer}/device`,
  pushed_authorization_request_endpoint: `${issuer}/par`,
  introspection_endpoint: `${issuer}/introspection`,
  revocation_endpoint: `${issuer}/revocation`,
});

const wellAnswers: Readonly<Record<string, (newToken: () => string) => Json>> = {
  token: (newToken) => ({ access_token: newToken(), refresh_token: newToken(), token_type: 'bearer', expires_in: 600 }),
  device: (newToken) => deviceAnswer(newToken, {}),
  par: () => ({ request_uri: 'urn:ietf:params:oauth:request_uri:1', expires_in: 60 }),
  introspection: () => ({ active: true }),
  revocation: () => ({}),
};

/**
 * An issuer that repeats at one of its endpoints, or at all, what it is asked with, and does well at the others. `made` is
 * told of each token.
 */
export async function startHostileIssuer(made: (token: string) => void): Promise<HostileServer> {
  const newToken = () => {
    const token = `hostile-token-${randomBytes(18).toString('base64url')}`;
    made(token);
    return token;
  };
  const server = await openHostile(async (request, response) => {
    const { url, values } = await receive(request);
    const [, ...path] = url.pathname.replace('/.well-known/oauth-authorization-server', '').split('/');
    const [place = '', form = '', echoing = '', endpoint = ''] = path.map(decodeURIComponent);
    if (url.pathname.includes('/.well-known/'))
      return sendJson(
        response,
        200,
        endpointsAt(server.origin + issuerPath(place as LoginPlace, form as EchoForm, echoing)),
      );
    const well = wellAnswers[endpoint];
    if (well && echoing !== 'any' && echoing !== endpoint) return sendJson(response, 200, well(newToken));
    const write: (plain: string) => string = echoForms[form as EchoForm];
    const answer: Place = { ...issuerPlaces, ...devicePlaces }[place as LoginPlace];
    answer(write(values.join(' ')), response, newToken);
  });
  return server;
}

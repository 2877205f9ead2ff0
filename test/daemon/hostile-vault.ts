import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type EchoForm, echoForms, type HostileServer, headerText, openHostile, receive } from './echoes.ts';

type Place = (echo: string, response: ServerResponse) => void;

const send = (response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}) =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
const sendErrors = (response: ServerResponse, status: number, ...errors: unknown[]) =>
  send(response, status, JSON.stringify({ errors }));

const vaultPlaces = {
  'an error': (echo, response) => sendErrors(response, 400, echo),
  'several errors': (echo, response) => sendErrors(response, 500, 'first', echo, { [echo]: echo }, echo),
  'a denial': (echo, response) => sendErrors(response, 403, `1 error occurred:\n\t* ${echo}\n\n`),
  'a seal': (echo, response) => sendErrors(response, 503, `Vault is sealed: ${echo}`),
  'a page': (echo, response) => send(response, 502, `<h1>${echo}</h1>`),
  'a body of another shape': (echo, response) => send(response, 200, JSON.stringify({ data: echo, auth: echo })),
  'a redirect': (echo, response) =>
    send(response, 307, '', { location: headerText(`http://127.0.0.1:1/${echo}?${echo}`) }),
  'a time to wait': (echo, response) => send(response, 429, '', { 'retry-after': headerText(echo) }),
} satisfies Record<string, Place>;

export type VaultPlace = keyof typeof vaultPlaces;

export const vaultPlaceNames = Object.keys(vaultPlaces) as VaultPlace[];

export interface HostileVault extends HostileServer {
  addressOf(place: VaultPlace, form: EchoForm): string;
}

/**
 * A Vault that takes any log-in at every second of its addresses, and repeats all else that it is asked with. `made` is
 * told of each token that it gives.
 */
export async function startHostileVault(made: (token: string) => void): Promise<HostileVault> {
  let addresses = 0;
  const server = await openHostile(async (request, response) => {
    const { url, values } = await receive(request);
    const [, letsIn = '', place = '', form = '', ...path] = url.pathname.split('/').map(decodeURIComponent);
    if (letsIn === 'in' && path.at(-1) === 'login') {
      const client_token = `hvs.hostile-${randomBytes(18).toString('base64url')}`;
      made(client_token);
      return send(response, 200, JSON.stringify({ auth: { client_token, lease_duration: 3600, renewable: true } }));
    }
    const write: (plain: string) => string = echoForms[form as EchoForm];
    const answer: Place = vaultPlaces[place as VaultPlace];
    answer(write(values.join(' ')), response);
  });
  return {
    ...server,
    addressOf(place, form) {
      addresses += 1;
      const letsIn = addresses % 2 === 0 ? 'in' : 'out';
      return `${server.origin}/${letsIn}/${encodeURIComponent(place)}/${encodeURIComponent(form)}`;
    },
  };
}

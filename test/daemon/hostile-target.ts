import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import {
  type EchoForm,
  echoForms,
  type HostileServer,
  headerText,
  openHostile,
  type Received,
  receive,
} from './echoes.ts';

/** Where an answer repeats what it was asked with. */
type Place = (echo: string, response: ServerResponse, received: Received) => void;

/** As it may stand in a challenge (RFC 9110 section 5.6.4). */
const quoted = (text: string) => headerText(text).replace(/["\\]/g, '\\$&');

const sendText = (response: ServerResponse, status: number, body: string, type = 'text/plain') =>
  void response.writeHead(status, { 'content-type': type }).end(body);
const sendJson = (response: ServerResponse, status: number, body: unknown) =>
  sendText(response, status, JSON.stringify(body), 'application/json');
const redirect = (response: ServerResponse, location: string) =>
  void response.writeHead(302, { location: headerText(location) }).end();
/** As it is, past what `node:http` would refuse to write. */
const sendRaw = (response: ServerResponse, text: string) => void response.socket?.end(Buffer.from(text, 'latin1'));

const targetPlaces = {
  'a body of 400': (echo, response) => sendText(response, 400, echo),
  'a body of 200': (echo, response) => sendText(response, 200, echo),
  'a body of 500': (echo, response) => sendText(response, 500, `<pre>${echo}</pre>`, 'text/html'),
  'a packed body': (echo, response) =>
    void response.writeHead(403, { 'content-encoding': 'gzip' }).end(gzipSync(JSON.stringify({ error: echo }))),
  'an error': (echo, response) => sendJson(response, 401, { error: echo, error_description: echo }),
  'a message': (echo, response) => sendJson(response, 403, { error: { type: echo, message: echo } }),
  'JSON of 200': (echo, response) => sendJson(response, 200, { data: [{ id: echo, [echo]: echo }] }),
  'a challenge': (echo, response) =>
    void response
      .writeHead(401, {
        'www-authenticate': `Bearer realm="${quoted(echo)}", error="invalid_token", error_description="${quoted(echo)}"`,
      })
      .end(),
  'the scheme of a challenge': (echo, response) =>
    void response.writeHead(401, { 'www-authenticate': headerText(echo) }).end(),
  'a missing scope': (echo, response) =>
    void response
      .writeHead(403, { 'www-authenticate': `Bearer error="insufficient_scope", scope="${quoted(echo)}"` })
      .end(),
  'a refused proof': (echo, response) =>
    void response
      .writeHead(401, { 'www-authenticate': `DPoP error="invalid_dpop_proof", error_description="${quoted(echo)}"` })
      .end(),
  'a header': (echo, response) => void response.writeHead(200, { 'x-echo': headerText(echo) }).end('{}'),
  'the reason of a status': (echo, response) =>
    sendRaw(response, `HTTP/1.1 400 ${headerText(echo)}\r\nContent-Length: 0\r\n\r\n`),
  'a broken header': (echo, response) =>
    sendRaw(response, `HTTP/1.1 200 OK\r\n${headerText(echo)}\r\nContent-Length: 0\r\n\r\n`),
  'a broken status line': (echo, response) => sendRaw(response, `HTTP/1.1 ${headerText(echo)}\r\n\r\n`),
  'a broken length': (echo, response) =>
    sendRaw(response, `HTTP/1.1 200 OK\r\nContent-Length: ${headerText(echo)}\r\n\r\n`),
  'a time to wait': (echo, response) => void response.writeHead(429, { 'retry-after': headerText(echo) }).end(),
  'a date': (echo, response) => void response.writeHead(503, { date: headerText(echo) }).end(),
  'a content type': (echo, response) => sendText(response, 400, '', headerText(echo)),
  'a content encoding': (echo, response) =>
    void response.writeHead(200, { 'content-encoding': headerText(echo) }).end('{}'),
  'the address of a redirect': (echo, response, { url }) =>
    url.pathname.split('/').length > 3
      ? sendText(response, 500, url.pathname)
      : redirect(response, `${url.pathname}/${encodeURIComponent(echo)}?echo=${echo}`),
  'a redirect elsewhere': (echo, response) => redirect(response, `http://localhost:1/${echo}?echo=${echo}#${echo}`),
  'a redirect to another scheme': (echo, response) => redirect(response, `mailto:${echo}`),
  'a redirect with user info': (echo, response) =>
    redirect(response, `http://${encodeURIComponent(echo)}:${encodeURIComponent(echo)}@127.0.0.1:1/`),
  /** In hexadecimal, since a host has no capitals. */
  'a redirect to a host': (_echo, response, { values }) =>
    redirect(response, `http://${Buffer.from(values.join(' ')).toString('hex').slice(0, 2000)}.invalid/`),
  'a redirect to nowhere': (echo, response) => redirect(response, `http://[${echo}/`),
} satisfies Record<string, Place>;

export type TargetPlace = keyof typeof targetPlaces;

/** Answers that sonde cannot read, or that carry no headers but their own: it cannot know their cookie. */
const withoutCookie: readonly string[] = [
  'the reason of a status',
  'a broken header',
  'a broken status line',
  'a broken length',
] satisfies TargetPlace[];

export const targetPlaceNames = Object.keys(targetPlaces) as TargetPlace[];

/** The path of a target that repeats itself so. */
export const targetPath = (place: TargetPlace, form: EchoForm) =>
  `/${encodeURIComponent(place)}/${encodeURIComponent(form)}`;

const newCookie = () => `target-cookie-${randomBytes(18).toString('base64url')}`;

/** A target that repeats all that it is asked with, and its own cookie too. */
export async function startHostileTarget(): Promise<HostileServer> {
  return openHostile(async (request, response) => {
    const received = await receive(request);
    const [, place = '', form = ''] = received.url.pathname.split('/').map(decodeURIComponent);
    const cookies = withoutCookie.includes(place) ? [] : [newCookie(), newCookie()];
    response.setHeader(
      'set-cookie',
      cookies.map((value, at) => `session${at}="${value}"; Path=/; HttpOnly`),
    );
    const values = [...cookies, ...received.values];
    const write: (plain: string) => string = echoForms[form as EchoForm];
    const answer: Place = targetPlaces[place as TargetPlace];
    answer(write(values.join(' ')), response, received);
  });
}

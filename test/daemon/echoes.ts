import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { enduranceRounds } from '../support/endurance.ts';

const lowerCodes = (codes: string) => codes.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
const formText = (plain: string) => new URLSearchParams({ '': plain }).toString().slice(1);
const everyCharacter = (plain: string, write: (code: number) => string) =>
  [...plain].map((character) => write(character.charCodeAt(0))).join('');
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** How a server may write what it repeats, by what the way is called. */
export const echoForms = {
  raw: (plain) => plain,
  'url-encoded': encodeURIComponent,
  'url-encoded in lower case': (plain) => lowerCodes(encodeURIComponent(plain)),
  'url-encoded in part': encodeURI,
  'url-encoded twice': (plain) => encodeURIComponent(encodeURIComponent(plain)),
  'form-encoded': formText,
  'form-encoded in lower case': (plain) => lowerCodes(formText(plain)),
  'json-escaped': (plain) => JSON.stringify(plain).slice(1, -1),
  'json-escaped in an address': (plain) => encodeURIComponent(JSON.stringify(plain)),
  'json-escaped everywhere': (plain) => everyCharacter(plain, (code) => `\\u${code.toString(16).padStart(4, '0')}`),
  'html-escaped': (plain) => plain.replace(/[&<>"']/g, (character) => entities[character] ?? ''),
  base64: (plain) => Buffer.from(plain).toString('base64'),
  base64url: (plain) => Buffer.from(plain).toString('base64url'),
  'base64 in a url': (plain) => encodeURIComponent(Buffer.from(plain).toString('base64')),
  'lower hex': (plain) => Buffer.from(plain).toString('hex'),
  'upper hex': (plain) => Buffer.from(plain).toString('hex').toUpperCase(),
  /** What is quoted of it ends in the middle of the first secret. */
  'after 190 characters': (plain) => `${'x'.repeat(190)} ${plain}`,
  'after 290 characters': (plain) => `${'x'.repeat(290)} ${plain}`,
} satisfies Record<string, (plain: string) => string>;

/** What a header can carry: one line, in bytes of UTF-8. */
export const headerText = (text: string) =>
  Buffer.from(text)
    .toString('latin1')
    .replace(/[^\t\u0020-\u007e\u0080-\u00ff]/g, ' ');

export type EchoForm = keyof typeof echoForms;

const echoFormNames = Object.keys(echoForms) as EchoForm[];

/** Of three forms, `npm test` takes one at each place, another one at the next. */
const share = enduranceRounds(1) > 1 ? 1 : 3;

/** Places, each with the forms in which it is to repeat what it is told; numbered, for names. */
export function echoPairs<Place extends string>(
  places: readonly Place[],
): readonly { readonly place: Place; readonly form: EchoForm; readonly number: number }[] {
  return places
    .flatMap((place, row) =>
      echoFormNames.filter((_, column) => (row + column) % share === 0).map((form) => ({ place, form })),
    )
    .map((pair, number) => ({ ...pair, number }));
}

/** Headers of every request, in which no secret stands. */
const plainHeaders = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-length',
  'content-type',
  'host',
  'traceparent',
  'transfer-encoding',
  'user-agent',
]);

/** What a sender has to say of itself that is worth repeating: words of some length that are not OAuth's own. */
const isTelling = (value: string) => value.length >= 16 && !/^(urn:|https?:\/\/127|client_credentials$)/.test(value);

function valuesOf(json: unknown): string[] {
  if (typeof json === 'string') return [json];
  return typeof json === 'object' && json !== null ? Object.values(json).flatMap(valuesOf) : [];
}

function valuesOfBody(body: string): string[] {
  try {
    return valuesOf(JSON.parse(body));
  } catch {
    return body.includes('=') ? [...new URLSearchParams(body).values()] : [body];
  }
}

/** Credentials as they were sent, without their scheme; and what Basic holds. */
function valuesOfHeader(value: string): string[] {
  const [, scheme = '', shown = value] = /^(Basic|Bearer|DPoP) (.+)$/.exec(value) ?? [];
  if (scheme !== 'Basic') return [shown];
  const pair = Buffer.from(shown, 'base64').toString();
  const password = pair.slice(pair.indexOf(':') + 1);
  const isFormEncoded = /^[\w.*+%-]+$/.test(password);
  return [shown, password, isFormEncoded ? decodeURIComponent(password.replaceAll('+', ' ')) : ''];
}

/** A request with all that it brought. */
export interface Received {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly body: string;
  /** All values that may be secret: of headers, of the query, and of the body. */
  readonly values: readonly string[];
}

export async function receive(request: IncomingMessage): Promise<Received> {
  const body = await text(request);
  const url = new URL(request.url ?? '/', 'http://hostile');
  const headers = Object.entries(request.headers).filter(([name]) => !plainHeaders.has(name));
  const values = [
    ...headers.flatMap(([, value]) => valuesOfHeader(String(value))),
    ...url.searchParams.values(),
    ...valuesOfBody(body),
  ].filter(isTelling);
  return { request, url, body, values };
}

export interface HostileServer {
  readonly origin: string;
  close(): void;
}

/** A real server on loopback that answers as it likes. */
export async function openHostile(listener: RequestListener): Promise<HostileServer> {
  const server = createServer({ maxHeaderSize: 256 * 1024 }, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

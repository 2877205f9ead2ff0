import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Told of each secret that went over a wire. */
export type Hear = (kind: string, value: string) => void;

/** Members of forms, JSON bodies and queries that are secrets. */
const secretMembers = new Set([
  'access_token',
  'assertion',
  'client_assertion',
  'client_secret',
  'client_token',
  'code',
  'code_verifier',
  'device_code',
  'id_token',
  'jwt',
  'password',
  'refresh_token',
  'secret_id',
  'token',
]);

/** The `code` of an error, say. */
const isWord = (value: string) => /^[a-z_]*$/.test(value);

function hearMembers(body: string, hear: Hear): void {
  for (const [name, value] of membersOf(body)) if (secretMembers.has(name) && !isWord(value)) hear(name, value);
}

/** Of JSON at any depth, or of a form. */
function membersOf(body: string): readonly (readonly [string, string])[] {
  try {
    return textsWithin(JSON.parse(body));
  } catch {
    return [...new URLSearchParams(body)];
  }
}

function textsWithin(json: unknown): readonly (readonly [string, string])[] {
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : textsWithin(value),
  );
}

function hearCredentials(authorization: string, hear: Hear): void {
  const [, scheme = '', shown = ''] = /^(\S+) +(.+)$/.exec(authorization) ?? [];
  const isBasic = scheme.toLowerCase() === 'basic';
  hear(isBasic ? 'basic credentials' : 'access_token', shown);
  if (!isBasic) return;
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(shown, 'base64').toString()) ?? [];
  hear('password', password);
}

function hearRequest({ headers, url = '' }: IncomingMessage, hear: Hear): void {
  const { authorization, dpop, cookie = '', 'x-vault-token': vaultToken } = headers;
  if (authorization !== undefined) hearCredentials(authorization, hear);
  if (dpop !== undefined) hear('dpop proof', String(dpop));
  if (vaultToken !== undefined) hear('vault token', String(vaultToken));
  for (const pair of cookie.split(/; */)) hear('cookie', pair.replace(/^[^=]*=/, ''));
  hearMembers(url.replace(/^[^?]*\??/, ''), hear);
}

function hearHeadersOf(response: ServerResponse, hear: Hear): void {
  const { location, 'set-cookie': cookies = [] } = response.getHeaders();
  if (location !== undefined) hearMembers(URL.parse(String(location), 'http://here')?.search ?? '', hear);
  for (const cookie of [cookies].flat())
    hear(
      'cookie',
      String(cookie)
        .replace(/;.*/s, '')
        .replace(/^[^=]*=/, ''),
    );
}

/** Has both ends of a message noted as they pass; what Node's own streams do with it stays as it is. */
function tapBody(chunks: Buffer[], chunk: unknown, encoding?: unknown): void {
  if (typeof chunk === 'string')
    chunks.push(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'));
  else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
}

/**
 * Listens to all that the servers of this process are asked and answer: issuers, APIs and Vaults of a test, by plain
 * connections and by TLS, whoever asks them.
 */
export function tapServers(hear: Hear): Disposable {
  const listen = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    hearRequest(request, hear);
    const asked: Buffer[] = [];
    const answered: Buffer[] = [];
    const { push } = request;
    request.push = (chunk, encoding) => {
      tapBody(asked, chunk, encoding);
      if (chunk === null) hearMembers(Buffer.concat(asked).toString(), hear);
      return push.call(request, chunk, encoding);
    };
    const { write, end } = response;
    response.write = (chunk: unknown, ...rest: unknown[]) => {
      tapBody(answered, chunk, rest[0]);
      return Reflect.apply(write, response, [chunk, ...rest]);
    };
    response.end = (chunk?: unknown, ...rest: unknown[]) => {
      tapBody(answered, chunk, rest[0]);
      hearHeadersOf(response, hear);
      hearMembers(Buffer.concat(answered).toString(), hear);
      return Reflect.apply(end, response, [chunk, ...rest]);
    };
  };
  subscribe('http.server.request.start', listen);
  return { [Symbol.dispose]: () => void unsubscribe('http.server.request.start', listen) };
}

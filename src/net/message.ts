import { basicCredentials } from './basic-credentials.ts';
import { acceptedCodings } from './decompress.ts';
import type { HttpRequest } from './http.ts';

/** The proxy that gets the request itself; for `https:` it only carries the connection. */
function requestProxy({ url, connection }: HttpRequest): URL | undefined {
  return url.protocol === 'http:' ? connection?.proxy : undefined;
}

/** The request's target: a path, or the whole address when it goes to a proxy (RFC 9112 section 3.2). */
export function requestTarget(request: HttpRequest): string {
  const path = `${request.url.pathname}${request.url.search}`;
  return requestProxy(request) ? `${request.url.origin}${path}` : path;
}

/** The caller's headers and those that a request needs besides; the caller's win. */
export function requestHeaders(request: HttpRequest): Record<string, string> {
  const { url, headers, body, connection } = request;
  const proxy = requestProxy(request);
  const authorization = basicCredentials(url);
  const proxyAuthorization = proxy && basicCredentials(proxy);
  return {
    host: url.host,
    ...(connection?.reuse && { connection: 'keep-alive' }),
    'accept-encoding': acceptedCodings,
    ...(body !== undefined &&
      headers['transfer-encoding'] === undefined && { 'content-length': String(Buffer.byteLength(body)) }),
    ...(authorization && { authorization }),
    ...(proxyAuthorization && { 'proxy-authorization': proxyAuthorization }),
    ...headers,
  };
}

/** Headers by lower-case name from alternating names and values, repeated ones joined (RFC 9110 section 5.3). */
export function responseHeaders(raw: readonly string[]): Readonly<Record<string, string>> {
  const joined = new Map<string, string>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase();
    const value = raw[at + 1] as string;
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(joined);
}

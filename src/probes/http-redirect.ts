import type { HttpResponse } from '../net/http.ts';
import type { Headers } from './http-header.ts';
import type { Leg } from './http-leg.ts';

const followed = new Set([301, 302, 303, 307, 308]);

/** Whether an answer leads elsewhere (RFC 9110 section 15.4). */
export function isRedirect({ status }: HttpResponse): boolean {
  return followed.has(status);
}

/**
 * The request that a redirect leads to, or in a sentence why it cannot be followed. What stays behind when it leads to
 * another origin (scheme, host and port): all credentials, for the rest of the run. A body that holds a secret cannot stay
 * behind, so such a redirect is not followed.
 */
export function redirectedLeg(leg: Leg, response: HttpResponse): Leg | string {
  const url = locationOf(response.headers, leg.url);
  if (typeof url === 'string') return url;
  const leaves = url.origin !== leg.url.origin;
  const next = keepsMethod(leg.method, response.status) ? leg : asGet(leg);
  if (leaves && next.body?.isSecret)
    return 'the redirect leads to another origin, which must not get a body that holds a secret';
  const { credentials: _, ...open } = next;
  return { ...(leaves ? open : next), url };
}

/**
 * Where a redirect leads, for people: secrets are out of it before it is taken apart. Undefined when nothing is left of it
 * that is an address.
 */
export function toldRedirect(
  leg: Leg,
  { headers: { location = '' } }: HttpResponse,
  conceal: (text: string) => string,
): URL | undefined {
  const url = locationOf({ location: conceal(location) }, leg.url);
  return typeof url === 'string' ? undefined : url;
}

/** Where a redirect leads; user info in it is not ours to send. */
function locationOf({ location }: Headers, base: URL): URL | string {
  if (location === undefined) return 'the redirect has no Location';
  // Header values are read as one byte a character; servers that put more than ASCII here mean UTF-8.
  const url = URL.parse(Buffer.from(location, 'latin1').toString(), base.href);
  if (!url) return 'the Location of the redirect is no URL';
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return `the redirect leads to ${url.protocol}, which is neither http: nor https:`;
  url.username = '';
  url.password = '';
  url.hash = '';
  return url;
}

/** As browsers do it (the Fetch standard's HTTP-redirect fetch). */
function keepsMethod(method: string, status: number): boolean {
  if (status === 303) return method === 'GET' || method === 'HEAD';
  return method !== 'POST' || status === 307 || status === 308;
}

/** A request without a body, and without the headers that describe one. */
function asGet({ body: _, ...leg }: Leg): Leg {
  return {
    ...leg,
    method: 'GET',
    headers: withoutContent(leg.headers),
    ...(leg.credentials && { credentials: withoutContent(leg.credentials) }),
  };
}

function withoutContent(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('content-')));
}

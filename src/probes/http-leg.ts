import { revealText, Secret } from '../model/secret.ts';
import { basicCredentials } from '../net/basic-credentials.ts';
import { type Headers, headerValueFault, staysWithOrigin } from './http-header.ts';
import { type HttpSpec, holdsSecret, revealAll } from './http-spec.ts';
import { ProbeSpecError } from './probe.ts';
import { webUrl } from './web-url.ts';

/** One request of a run: the first one, or one that a redirect led to. */
export interface Leg {
  /** Without user info and fragment. */
  readonly url: URL;
  readonly method: string;
  /** Headers that any origin may see. */
  readonly headers: Headers;
  /** Credentials, and what else is meant for the first origin alone; absent for good once a redirect has left it. */
  readonly credentials?: Headers;
  readonly body?: { readonly text: string; readonly isSecret: boolean };
}

/** The first request of each run. Throws a `ProbeSpecError` for a secret that cannot stand where it does. */
export function firstLeg(spec: HttpSpec): Leg {
  const url = webUrl(spec.url, ['url']);
  const userInfo = basicCredentials(url);
  url.username = '';
  url.password = '';
  url.hash = '';
  const extra = queryText(spec.query ?? {});
  if (extra !== '') url.search = url.search === '' ? extra : `${url.search}&${extra}`;

  const body = bodyOf(spec.body);
  const headers: Record<string, string> = {};
  const credentials: Record<string, string> = {};
  if (body?.type !== undefined) headers['content-type'] = body.type;
  if (userInfo !== undefined) credentials.authorization = userInfo;
  for (const [name, value] of Object.entries(spec.headers ?? {})) {
    const key = name.toLowerCase();
    const text = String(revealAll(value));
    // The schema could not judge a value before its references were resolved.
    const fault = headerValueFault(text);
    if (fault !== undefined) throw new ProbeSpecError(['headers', name], fault);
    const bound = value instanceof Secret || staysWithOrigin(key) ? credentials : headers;
    bound[key] = text;
  }
  return { url, method: spec.method, headers, credentials, ...(body && { body }) };
}

function queryText(query: NonNullable<HttpSpec['query']>): string {
  const parameters = new URLSearchParams();
  for (const [name, values] of Object.entries(query))
    for (const value of [values].flat()) parameters.append(name, String(revealAll(value)));
  return parameters.toString();
}

function bodyOf(body: HttpSpec['body']): { text: string; isSecret: boolean; type?: string } | undefined {
  if (body === undefined) return undefined;
  if (typeof body === 'string' || body instanceof Secret)
    return { text: revealText(body), isSecret: body instanceof Secret };
  return { text: JSON.stringify(revealAll(body)), isSecret: holdsSecret(body), type: 'application/json' };
}

import { unescape as decodePercent } from 'node:querystring';

/** The `Basic` credentials of a URL's user info (RFC 7617); undefined when it has none. */
export function basicCredentials(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  // Unlike decodeURIComponent, this one takes a stray percent sign for what it is.
  const pair = `${decodePercent(url.username)}:${decodePercent(url.password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

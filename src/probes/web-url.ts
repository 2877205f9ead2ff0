import { revealText, type Text } from '../model/secret.ts';
import { ProbeSpecError } from './probe.ts';

/** An http or https URL; undefined when the text is none. */
function parseWebUrl(plain: string): URL | undefined {
  const url = URL.parse(plain);
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
}

/** What is wrong with the text of a URL; undefined when it is right. */
export function webUrlFault(plain: string): string | undefined {
  return parseWebUrl(plain) ? undefined : 'expected an http or https URL such as https://api.example.com/health';
}

/** The URL of a spec. Throws a `ProbeSpecError` that does not show it: with its references resolved it may be none. */
export function webUrl(value: Text, path: readonly string[]): URL {
  const url = parseWebUrl(revealText(value));
  if (!url) throw new ProbeSpecError(path, 'with its references resolved this is no http or https URL');
  return url;
}

/** A URL as it may be shown: without user info, query and fragment. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

import { namesCredential } from './credential-name.ts';
import { hole } from './plain-credential.ts';

/** A part of an address that is a credential. */
export interface UrlCredential {
  readonly kind: 'user' | 'password' | 'parameter';
  /** Of the parameter. */
  readonly name: string;
  /** As the address has it, decoded. */
  readonly text: string;
  /** The address with another text in its place, and nothing else that may be one. */
  around(text: string): string;
}

/**
 * As the WHATWG URL standard reads addresses: a scheme, any number of slashes and backslashes, then all up to the last `@`.
 * A reference may bring the scheme.
 */
const userInfo = new RegExp(
  `^((?:https?:|[a-z${hole}][a-z\\d+.${hole}-]*:(?=[\\\\/]))?[\\\\/]*)([^\\\\/?#]*)@([^\\\\/?#]*)([^?#]*)`,
  'i',
);

/** What services give out as a key, and take as a user name. */
const keyPrefix = /^(?:[srp]k[-_]|gh[a-z]_|github_pat_|glpat-|xox[a-z]-|AKIA)/;
const looksLikeKey = (text: string) => keyPrefix.test(text) || (text.length >= 20 && /\d/.test(text));

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The credentials that stand in an address, whether or not it can be used. */
export function urlCredentials(written: string): readonly UrlCredential[] {
  const address = written.replace(/[\t\n\r]/g, '').trim();
  const [before = '', query] = address.replace(/#.*/s, '').split(/\?(.*)/s);
  const found: UrlCredential[] = [];
  const [all, start = '', info = '', host = '', path = ''] = userInfo.exec(address) ?? [];
  const [user = '', password] = info.split(/:(.*)/s);
  const rest = `${host}${path}${query === undefined ? '' : '?…'}`;
  const isKey = looksLikeKey(decode(user));
  if (isKey)
    found.push({ kind: 'user', name: 'user', text: decode(user), around: (text) => `${start}${text}@${rest}` });
  if (password)
    found.push({
      kind: 'password',
      name: 'password',
      text: decode(password),
      around: (text) => `${start}${isKey ? '…' : user}:${text}@${rest}`,
    });
  for (const [name, text] of new URLSearchParams(query ?? ''))
    if (text !== '' && namesCredential(name))
      found.push({
        kind: 'parameter',
        name,
        text,
        around: (other) => `${all === undefined ? before : `${start}…@${host}${path}`}?…${name}=${other}`,
      });
  return found;
}

import { isKeyText } from '../model/pem.ts';
import type { HttpSpec } from './http-spec.ts';
import type { PlainSecretText } from './probe.ts';

/** Headers that carry a credential and nothing else. */
const credentialHeaders: ReadonlySet<string> = new Set([
  ...['authorization', 'proxy-authorization', 'cookie'],
  ...['x-api-key', 'api-key', 'apikey', 'x-auth-token', 'x-access-token', 'private-token', 'x-vault-token'],
]);

/** Authentication schemes, which are no part of the secret. */
const scheme = /^(Basic|Bearer|DPoP|Token|ApiKey)\s+(?=\S)/i;

/** As URLs are read: the last `@` before the path ends the user info, and its first `:` begins the password. */
const password = /^(\w+:\/\/[^/?#:@]*:)[^/?#]+@/;

/** Secrets that stand in the spec of an http check as they are. */
export function plainHttpSecrets({ headers = {}, url, proxy, client_key }: HttpSpec): readonly PlainSecretText[] {
  const found: PlainSecretText[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string' || value === '' || !credentialHeaders.has(name.toLowerCase())) continue;
    const [spoken = ''] = scheme.exec(value) ?? [];
    found.push({ path: ['headers', name], secret: value.slice(spoken.length), around: (text) => `${spoken}${text}` });
  }
  for (const [key, text] of Object.entries({ url, proxy })) {
    if (typeof text !== 'string') continue;
    const [start, before = ''] = password.exec(text) ?? [];
    if (start === undefined) continue;
    // The query may well hold another secret.
    const after = text.slice(start.length).replace(/\?.*/s, '?…');
    const secret = start.slice(before.length, -1);
    found.push({ path: [key], secret, name: 'password', around: (text) => `${before}${text}@${after}` });
  }
  if (typeof client_key === 'string' && isKeyText(client_key))
    found.push({ path: ['client_key'], secret: client_key, around: (text) => text });
  return found;
}

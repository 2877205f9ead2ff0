import { unescape as decodePercent } from 'node:querystring';
import { createSecretSearch } from '../model/secret-search.ts';

/** What only one run knows and nobody may read: proofs that it signed, cookies that its target set. */
export interface RunSecrets {
  /** Headers that were sent with the token: `DPoP`, `Authorization`. */
  sent(headers: Readonly<Record<string, string>>): void;
  /** Headers of the answer. */
  received(headers: Readonly<Record<string, string>>): void;
  /** Takes these out of a text, however they are written in it, and all that is known elsewhere. */
  mask(text: string): string;
}

/** Between two cookies of one joined header; a comma within a date is followed by no name. */
const cookieBreak = /,\s*(?=[^\s;,=]+=)/;

/** `mask` knows the secrets of the whole process. */
export function createRunSecrets(mask: (text: string) => string): RunSecrets {
  const search = createSecretSearch();
  const add = (value: string) => {
    // Tokens are known already, and are long: to look for them twice would be for nothing.
    if (mask(value) !== '[secret]') search.add(value);
  };
  return {
    sent(headers) {
      // `Bearer abc`: the scheme is no secret.
      for (const value of Object.values(headers)) add(value.slice(value.indexOf(' ') + 1));
    },
    received({ 'set-cookie': cookies = '' }) {
      for (const cookie of cookies.split(cookieBreak)) {
        const value = cookie
          .replace(/;.*/s, '')
          .replace(/^[^=]*=/, '')
          .replaceAll('"', '');
        add(value);
        // Most frameworks encode what they keep in a cookie, and decode it before they speak of it.
        add(decodePercent(value));
      }
    },
    // These first: where `mask` knows a part of one, the rest of it would stay.
    mask: (text) => mask(search.conceal(text)),
  };
}

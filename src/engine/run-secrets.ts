import { secretForms, shortestForm } from '../model/secret-forms.ts';

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
  const values = new Set<string>();
  /** The longest first: one may hold another one. Made when a text is first masked. */
  let forms: readonly string[] | undefined;

  const add = (value: string) => {
    // Tokens are known already, and are long: to look for them twice would cost more than the rest of the run.
    if (value.length < shortestForm || mask(value) === '[secret]') return;
    values.add(value);
    forms = undefined;
  };
  return {
    sent(headers) {
      // `Bearer abc`: the scheme is no secret.
      for (const value of Object.values(headers)) add(value.slice(value.indexOf(' ') + 1));
    },
    received({ 'set-cookie': cookies = '' }) {
      for (const cookie of cookies.split(cookieBreak))
        add(
          cookie
            .replace(/;.*/s, '')
            .replace(/^[^=]*=/, '')
            .replaceAll('"', ''),
        );
    },
    mask(text) {
      forms ??= [...values].flatMap(secretForms).sort((one, other) => other.length - one.length);
      return forms.reduce((shown, form) => shown.replaceAll(form, '[secret]'), mask(text));
    },
  };
}

import type { Secret } from '../model/secret.ts';

/** Members of a token response whose values must not be shown even when the answer around them is broken. */
const tokenMember = /access_token|refresh_token|id_token/;

/**
 * The start of what an issuer wrote, fit to be shown: on one line, cut to `longest` characters, the given secrets
 * concealed (also as a form would encode them). Undefined when nothing is left to show.
 */
export function excerpt(text: string, longest: number, secrets: readonly Secret[]): string | undefined {
  let shown = text;
  for (const secret of secrets) {
    for (const form of [secret.reveal(), formEncode(secret.reveal())]) {
      if (form !== '') shown = shown.replaceAll(form, '[secret]');
    }
  }
  const line = shown.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line || undefined;
}

/** Like `excerpt`, for a body that could not be understood: undefined when it may hold a token. */
export function bodyExcerpt(body: string, secrets: readonly Secret[]): string | undefined {
  return tokenMember.test(body) ? undefined : excerpt(body, 200, secrets);
}

/** As RFC 6749 appendix B asks: `application/x-www-form-urlencoded`. */
export function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

import type { Secret } from '../../model/secret.ts';
import { shortestForm } from '../../model/secret-forms.ts';
import { createSecretSearch } from '../../model/secret-search.ts';

/** Members of an answer whose values must not be shown even when the answer around them is broken. */
const tokenMember = /access_token|refresh_token|id_token|device_code|user_code|request_uri/;

/** Takes secrets out of a text. */
export type Conceal = (text: string) => string;

/**
 * Conceals what `mask` knows, and the given secrets, however they are written: those of a request stay secret when a
 * reload has made `mask` forget them while it was under way, and however short they are.
 */
export function createConceal(mask: Conceal, secrets: readonly Secret[]): Conceal {
  const search = createSecretSearch();
  const values = secrets.map((secret) => secret.reveal()).filter((value) => value !== '');
  for (const value of values) search.add(value);
  const short = values.filter((value) => value.length < shortestForm).flatMap((value) => [value, formEncode(value)]);
  // These first: where `mask` knows a part of one, the rest of it would stay.
  return (text) => short.reduce((shown, form) => shown.replaceAll(form, '[secret]'), mask(search.conceal(text)));
}

/**
 * The start of what an issuer wrote, fit to be shown: secrets concealed, on one line, then cut to `longest` characters.
 * Undefined when nothing is left to show.
 */
export function excerpt(text: string, longest: number, conceal: Conceal): string | undefined {
  // The whole text, before it is cut: no one can find a secret of which a part is gone.
  const line = conceal(text)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line || undefined;
}

/**
 * Like `excerpt`, for the body of an answer that could not be understood: undefined when it may hold a token. An answer
 * of success may hold one under any name, or be one, unless it is a page.
 */
export function bodyExcerpt(status: number, body: string, conceal: Conceal): string | undefined {
  const maySucceed = status < 400 && !/^\s*</.test(body);
  return maySucceed || tokenMember.test(body) ? undefined : excerpt(body, 200, conceal);
}

/** As RFC 6749 appendix B asks: `application/x-www-form-urlencoded`. */
export function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

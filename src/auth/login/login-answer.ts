import { Secret } from '../../model/secret.ts';

/** What an authorization response must bear to belong to an attempt. */
export interface ExpectedAnswer {
  readonly state: string;
  /** The issuer's own name where it promises to send it (RFC 9207). */
  readonly iss?: string;
  /** The configured issuer: what an `iss` must be that nobody promised. */
  readonly issuer?: string;
}

/** What came back from the issuer by the person's browser, without judgement of what it means for the login. */
export type LoginAnswer =
  | { readonly kind: 'code'; readonly code: Secret }
  | { readonly kind: 'error'; readonly error: string; readonly description?: string }
  /** Not the answer to this attempt, or none at all; the problem is a sentence for a person. Its code must not be sent. */
  | { readonly kind: 'foreign'; readonly problem: string; readonly code?: Secret };

const once = ['code', 'state', 'iss', 'error', 'error_description'];

/**
 * Reads an authorization response (RFC 6749 sections 4.1.2 and 4.1.2.1). Whose answer it is, by `state` and `iss`, comes
 * before anything that it says: an error of someone else's making is no error of this login (RFC 9207 section 2.4).
 */
export function readLoginAnswer(parameters: URLSearchParams, expected: ExpectedAnswer): LoginAnswer {
  const sent = parameters.get('code') || undefined;
  const code = sent === undefined ? undefined : new Secret(sent);
  const problem = foreignness(parameters, expected);
  if (problem !== undefined) return { kind: 'foreign', problem, ...(code && { code }) };
  const error = parameters.get('error') || undefined;
  if (error !== undefined) {
    const description = parameters.get('error_description') || undefined;
    return { kind: 'error', error, ...(description !== undefined && { description }) };
  }
  if (code) return { kind: 'code', code };
  return { kind: 'foreign', problem: 'The answer holds neither a code nor an error.' };
}

function foreignness(parameters: URLSearchParams, { state, iss, issuer }: ExpectedAnswer): string | undefined {
  const doubled = once.find((name) => parameters.getAll(name).length > 1);
  if (doubled !== undefined) return `The answer names \`${doubled}\` twice, which no issuer may do.`;
  const bornState = parameters.get('state');
  if (!bornState) return 'The answer has no `state`, so nobody can tell which login it belongs to.';
  if (bornState !== state)
    return 'The answer belongs to another login: its `state` is not the one of this attempt. Only the address that this attempt has printed leads to an answer for it.';
  const bornIss = parameters.get('iss');
  if (bornIss === null)
    return iss && 'The answer does not say which issuer it comes from, though this issuer promises to (RFC 9207).';
  const isOwn = iss === undefined ? issuer === undefined || sameAddress(bornIss, issuer) : bornIss === iss;
  return isOwn ? undefined : 'The answer comes from another issuer: by its `iss`, the code is not for this one.';
}

/** Whether an answer bears the `state` of an attempt, and no other. */
export function bearsState(parameters: URLSearchParams, state: string): boolean {
  const [bornState, ...more] = parameters.getAll('state');
  return bornState === state && more.length === 0;
}

/** `https://a.example` and `https://a.example/` are the same issuer, as everywhere in a configuration. */
function sameAddress(one: string, other: string): boolean {
  return URL.parse(one)?.href === URL.parse(other)?.href;
}

/**
 * The parameters of an address that a person has pasted: the whole address of the redirect, or its query alone.
 * Undefined when it has none.
 */
export function readPastedAnswer(pasted: string): URLSearchParams | undefined {
  const text = pasted.trim().replace(/^(["'])(.*)\1$/, '$2');
  const query = URL.parse(text)?.search ?? text;
  const parameters = new URLSearchParams(query);
  return ['code', 'error', 'state'].some((name) => parameters.has(name)) ? parameters : undefined;
}

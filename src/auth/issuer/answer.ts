import { compact } from '../../model/compact.ts';
import { isJsonObject, type JsonObject, parseJson } from '../json.ts';
import { isFailing } from './failing-status.ts';

/** Why an answer is not what was asked for. With a status of 5xx or 429, the status alone tells. */
export interface Refusal {
  /** `error` and `error_description` of RFC 6749 section 5.2. */
  readonly error?: string;
  readonly errorDescription?: string;
  /** Why a whole answer is not what OAuth 2.0 asks for; a clause for a person. */
  readonly problem?: string;
}

/** A whole answer of an endpoint that talks JSON: its members, or how it refuses. */
export type Answer = { readonly members: JsonObject } | { readonly refusal: Refusal };

export function readAnswer(status: number, body: string): Answer {
  const json = parseJson(body);
  const members = isJsonObject(json) ? json : undefined;
  const error = members && errorCode(members.error);
  // Some issuers report errors with a status of 200.
  if (error) return { refusal: compact({ error, errorDescription: textMember(members.error_description) }) };
  if (status < 200 || status > 299) return { refusal: compact({ problem: problemOfStatus(status) }) };
  return members ? { members } : { refusal: { problem: 'the answer is not a JSON object' } };
}

/** A failing issuer is not one that breaks the protocol. */
function problemOfStatus(status: number): string | undefined {
  if (isFailing(status)) return undefined;
  if (status >= 300 && status < 400) return 'it redirects, and a request with credentials follows no redirect';
  return 'the answer holds no OAuth 2.0 error';
}

/** Characters of RFC 6749 section 5.2, but for the space: gateways put words such as `Not Found` there. */
function errorCode(value: unknown): string | undefined {
  const code = textMember(value);
  return code !== undefined && /^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(code) ? code : undefined;
}

/** A member that is a string with something in it. */
export function textMember(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A member that is a number of seconds (digits in a string are taken too); `null` is read as absent. */
export function secondsMember(value: unknown): number | undefined | 'wrong' {
  if (value === undefined || value === null) return undefined;
  const seconds = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 ? seconds : 'wrong';
}

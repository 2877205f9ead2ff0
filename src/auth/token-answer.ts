import { type Compact, compact } from '../model/compact.ts';
import { Secret } from '../model/secret.ts';
import { isFailing } from './failing-status.ts';
import { isJsonObject, type JsonObject, parseJson } from './json.ts';

/** What an issuer granted. */
export interface GrantedAccess {
  readonly value: Secret;
  /** Absent when the issuer did not say. */
  readonly expiresInMs?: number;
  /** Absent when the issuer did not say: then they are those that were asked for (RFC 6749 section 5.1). */
  readonly scopes?: readonly string[];
}

/** What a whole answer of a token endpoint says. Without `access` one of `error`, `problem` or a status of 5xx tells why. */
export interface TokenAnswer {
  readonly access?: GrantedAccess;
  /** Told apart from `access`: a successor must be kept even when the rest of the answer cannot be used. */
  readonly refreshToken?: Secret;
  readonly error?: string;
  readonly errorDescription?: string;
  /** Why the answer is not what OAuth 2.0 asks for; a clause for a person. */
  readonly problem?: string;
}

const longestLifeSeconds = 30 * 24 * 3600;

/**
 * Reads the answer of a token endpoint (RFC 6749 sections 5.1 and 5.2). oauth4webapi has a function for this as well;
 * it throws the whole answer away when one member is wrong, and a rotated refresh token with it, and it holds an ID
 * token that nobody asked about against the ambient clock.
 *
 * `expires_in` must be a positive number of seconds (digits in a string are taken too), and counts as 30 days at the
 * most. `null` is read as absent.
 */
export function readTokenAnswer(status: number, body: string): TokenAnswer {
  const json = parseJson(body);
  const members = isJsonObject(json) ? json : undefined;
  const error = members && errorCode(members.error);
  // Some issuers report errors with a status of 200.
  if (error) return compact({ error, errorDescription: text(members.error_description) });
  if (status < 200 || status > 299) return compact({ problem: problemOfStatus(status) });
  if (!members) return { problem: 'the answer is not a JSON object' };

  const refreshToken = text(members.refresh_token);
  const access = readAccess(members);
  return compact({
    ...(typeof access === 'string' ? { problem: access } : { access }),
    refreshToken: refreshToken === undefined ? undefined : new Secret(refreshToken),
  });
}

/** A failing issuer is not one that breaks the protocol. */
function problemOfStatus(status: number): string | undefined {
  if (isFailing(status)) return undefined;
  if (status >= 300 && status < 400) return 'it redirects, and a request with credentials follows no redirect';
  return 'the answer holds no OAuth 2.0 error';
}

function readAccess(members: JsonObject): Compact<{ value: Secret; expiresInMs: number | undefined }> | string {
  const value = text(members.access_token);
  if (value === undefined) return 'the answer has no access_token';
  // Characters outside RFC 6749 appendix A.12 cannot stand in a header.
  if (!/^[\x20-\x7e]+$/.test(value)) return 'the access_token holds characters that no token may have';
  const type = text(members.token_type);
  if (type === undefined) return 'the answer has no token_type';
  if (type.toLowerCase() !== 'bearer') return `the token_type is not bearer but ${JSON.stringify(type)}`;
  const seconds = readSeconds(members.expires_in);
  if (seconds === 'wrong') return 'expires_in is not a positive number of seconds';
  return compact({
    value: new Secret(value),
    expiresInMs: seconds && Math.min(seconds, longestLifeSeconds) * 1000,
    scopes: readScopes(members.scope),
  });
}

function readSeconds(value: unknown): number | undefined | 'wrong' {
  if (value === undefined || value === null) return undefined;
  const seconds = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 ? seconds : 'wrong';
}

/** One string with spaces by RFC 6749 section 3.3; some issuers send a list. */
function readScopes(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return value.split(' ').filter((scope) => scope !== '');
  if (Array.isArray(value)) return value.filter((scope) => typeof scope === 'string');
  return undefined;
}

/** Characters of RFC 6749 section 5.2, but for the space: gateways put words such as `Not Found` there. */
function errorCode(value: unknown): string | undefined {
  const code = text(value);
  return code !== undefined && /^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(code) ? code : undefined;
}

/** A member that is a string with something in it. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

import { compact } from '../../model/compact.ts';
import { Secret } from '../../model/secret.ts';
import type { TokenType } from '../../model/token.ts';
import type { JsonObject } from '../json.ts';
import { type Refusal, readAnswer, secondsMember, textMember } from './answer.ts';
import { type Conceal, createConceal } from './excerpt.ts';

/** What an issuer granted. */
export interface GrantedAccess {
  readonly value: Secret;
  /** `dpop`: the token is bound to the key that the request was proved with (RFC 9449 section 5). */
  readonly type: TokenType;
  /** Absent when the issuer did not say. */
  readonly expiresInMs?: number;
  /** Absent when the issuer did not say: then they are those that were asked for (RFC 6749 section 5.1). */
  readonly scopes?: readonly string[];
}

/** What a whole answer of a token endpoint says. Without `access` one of `error`, `problem` or a status of 5xx tells why. */
export interface TokenAnswer extends Refusal {
  readonly access?: GrantedAccess;
  /** Told apart from `access`: a successor must be kept even when the rest of the answer cannot be used. */
  readonly refreshToken?: Secret;
}

const longestLifeSeconds = 30 * 24 * 3600;

/**
 * Reads the answer of a token endpoint (RFC 6749 sections 5.1 and 5.2). oauth4webapi has a function for this as well;
 * it throws the whole answer away when one member is wrong, and a rotated refresh token with it, and it holds an ID
 * token that nobody asked about against the ambient clock.
 *
 * `expires_in` must be a positive number of seconds (digits in a string are taken too), and counts as 30 days at the
 * most. `null` is read as absent. A `token_type` of DPoP is taken where the request was `proved` alone; one of bearer is
 * taken there too, since an issuer may bind the refresh token of a public client only (RFC 9449 section 5).
 */
export function readTokenAnswer(status: number, body: string, proved: boolean): TokenAnswer {
  const answer = readAnswer(status, body);
  if ('refusal' in answer) return answer.refusal;
  const { members } = answer;
  const refreshToken = textMember(members.refresh_token);
  const access = readAccess(members, proved);
  return compact({
    ...(typeof access === 'string' ? { problem: access } : { access }),
    refreshToken: refreshToken === undefined ? undefined : new Secret(refreshToken),
  });
}

function readAccess(members: JsonObject, proved: boolean): GrantedAccess | string {
  const value = textMember(members.access_token);
  if (value === undefined) return `the answer has no access_token, but ${namesOf(members)}`;
  const conceal = concealTokens(members);
  // Characters outside RFC 6749 appendix A.12 cannot stand in a header.
  if (!/^[\x20-\x7e]+$/.test(value)) return 'the access_token holds characters that no token may have';
  const type = readType(members.token_type, proved, conceal);
  if ('problem' in type) return type.problem;
  const seconds = secondsMember(members.expires_in);
  if (seconds === 'wrong') return 'expires_in is not a positive number of seconds';
  return compact({
    value: new Secret(value),
    ...type,
    expiresInMs: seconds && Math.min(seconds, longestLifeSeconds) * 1000,
    scopes: readScopes(members.scope)?.map(conceal),
  });
}

/** The names alone: a token may stand under any of them. */
function namesOf(members: JsonObject): string {
  return Object.keys(members).join(', ') || 'nothing';
}

/** Takes the tokens of an answer out of what else it says: some issuers confuse its members. */
function concealTokens({ access_token, refresh_token, id_token }: JsonObject): Conceal {
  const tokens = [access_token, refresh_token, id_token].map(textMember).filter((text) => text !== undefined);
  return createConceal(
    (text) => text,
    tokens.map((text) => new Secret(text)),
  );
}

function readType(
  value: unknown,
  proved: boolean,
  conceal: Conceal,
): { readonly type: TokenType } | { readonly problem: string } {
  const type = textMember(value);
  if (type === undefined) return { problem: 'the answer has no token_type' };
  if (type.toLowerCase() === 'bearer') return { type: 'bearer' };
  if (proved && type.toLowerCase() === 'dpop') return { type: 'dpop' };
  return { problem: `the token_type is not ${proved ? 'DPoP' : 'bearer'} but ${JSON.stringify(conceal(type))}` };
}

/** One string with spaces by RFC 6749 section 3.3; some issuers send a list. */
function readScopes(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return value.split(' ').filter((scope) => scope !== '');
  if (Array.isArray(value)) return value.filter((scope) => typeof scope === 'string');
  return undefined;
}

import { causeOf, type Evidence, type Outcome, troubled } from '../model/cause.ts';
import { parseHttpDate } from '../model/http-date.ts';
import type { Facts } from '../model/observation.ts';
import type { TokenView } from '../model/token.ts';
import { evidenceOf } from './evidence.ts';
import { statusText } from './http-status.ts';
import { quote, quoteAll } from './quote.ts';
import { type TargetWords, targetWords } from './target-words.ts';
import { type TokenTime, tokenTime } from './token-clock.ts';

const saysExpired = /expired/i;
/** "Invalid or expired token", a stock phrase, does not tell which of the two it was. */
const saysMore = /\b(or|revoked|invalid|malformed)\b/i;

/** What we know of the token, in seconds as the protocol counts. */
function tokenEvidence({ name, generation, ageMs, expiresInMs, lastRun }: TokenView): Evidence {
  return evidenceOf({
    token: name,
    token_generation: generation,
    token_age_seconds: Math.round(ageMs / 1000),
    token_expires_in_seconds: expiresInMs === undefined ? undefined : Math.round(expiresInMs / 1000),
    token_last_run: lastRun && causeOf(lastRun)?.code,
  });
}

function wordsEvidence({ error, description, schemes }: TargetWords): Evidence {
  return evidenceOf({
    challenge: quoteAll(schemes),
    error: error && quote(error),
    error_description: description && quote(description),
  });
}

function lacksScope(answered: string, words: TargetWords, token: TokenView | undefined, evidence: Evidence): Outcome {
  const needed = quoteAll(words.scopes);
  const granted = token?.scopes;
  const missing = granted ? needed.filter((scope) => !granted.includes(scope)) : needed;
  let told = `the token lacks ${missing.join(' ')}`;
  if (needed.length === 0) told = 'the token lacks a scope that the target does not name';
  else if (missing.length === 0) told = `the token lacks ${needed.join(' ')}, which the issuer says that it granted`;
  return troubled('insufficient_scope', `${answered}: ${told}`, {
    ...evidence,
    ...evidenceOf({
      required_scopes: needed,
      granted_scopes: granted && quoteAll(granted),
      missing_scopes: missing,
    }),
  });
}

/** The longest time that a `Date` can hold, in seconds either side of 1970. */
const dateRangeSeconds = 8.64e12;

/** A claim is whatever the token says; what no calendar holds is shown as its number. */
function dateText(seconds: number): string {
  return Math.abs(seconds) <= dateRangeSeconds ? new Date(seconds * 1000).toISOString() : `${seconds}`;
}

function clocksDisagree(answered: string, time: Extract<TokenTime, { kind: 'skewed' }>, evidence: Evidence): Outcome {
  const difference = time.claimed - time.targetDate;
  const told =
    time.claim === 'exp'
      ? `by the target's clock the token ended ${-difference} s ago, though it is still live by its expires_in`
      : `the token's ${time.claim} lies ${difference} s ahead of the target's clock`;
  return troubled('clock_skew', `${answered}: ${told}`, {
    ...evidence,
    claim: time.claim,
    claimed: dateText(time.claimed),
    target_date: dateText(time.targetDate),
    difference_seconds: difference,
  });
}

/**
 * Why a target refused the credentials: by its RFC 6750 challenge, else by the status beside what we know of the token.
 * Undefined when nothing speaks of credentials: a 403 to a request that carried no token of ours.
 */
export function diagnoseRefusal(
  status: 401 | 403,
  facts: Facts,
  token: TokenView | undefined,
  common: Evidence,
): Outcome | undefined {
  const words = targetWords(facts);
  const evidence = { ...common, ...wordsEvidence(words), ...(token ? tokenEvidence(token) : {}) };
  const answered = `the target answered ${statusText(status)}`;

  if (words.error === 'insufficient_scope') return lacksScope(answered, words, token, evidence);

  const said = words.description ?? words.error;
  const wordsTogether = `${words.error} ${words.description}`;
  const because = said === undefined ? '' : ` and says: ${quote(said)}`;
  const who = token ? `to the token ${token.name}` : 'to a check without a token';
  if (words.error === 'invalid_token' || status === 401) {
    const time = token && tokenTime(token, parseHttpDate(facts.headers?.date));
    if (time?.kind === 'skewed') return clocksDisagree(answered, time, evidence);
    if (time?.kind === 'expired') return troubled('token_expired', `${answered} ${who}: ${time.reason}`, evidence);
    if (saysExpired.test(wordsTogether) && !saysMore.test(wordsTogether))
      return troubled('token_expired', `${answered} ${who}${because}`, evidence);
    return troubled('unauthorized', `${answered} ${who}${because}`, evidence);
  }
  return token ? troubled('unauthorized', `${answered} ${who}${because}`, evidence) : undefined;
}

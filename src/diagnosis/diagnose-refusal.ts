import { causeOf, type Evidence, type Outcome, troubled } from '../model/cause.ts';
import { answerDateMs } from '../model/http-date.ts';
import type { Facts } from '../model/observation.ts';
import { evidenceOf } from './evidence.ts';
import { statusText } from './http-status.ts';
import { knownLack, lacksScope } from './lacking-scope.ts';
import { quote, quoteAll } from './quote.ts';
import type { SentToken } from './sent-token.ts';
import { type Refuser, signedSkew, stampEvidence } from './signed-skew.ts';
import type { Stamped } from './signing-clock.ts';
import { type TargetWords, targetWords } from './target-words.ts';
import { dateText, type TokenTime, tokenTime } from './token-clock.ts';

const expiredWord = /expired/i;
/** "Invalid or expired token", a stock phrase, does not tell which of the two it was. */
const furtherWords = /\b(or|revoked|invalid|malformed)\b/i;

/** What we know of the token, in seconds as the protocol counts. */
function tokenEvidence({ view, standing }: SentToken): Evidence {
  const { name, generation, ageMs, expiresInMs, lastRun } = view;
  return evidenceOf({
    token: name,
    token_generation: generation,
    token_age_seconds: Math.round(ageMs / 1000),
    token_expires_in_seconds: expiresInMs === undefined ? undefined : Math.round(expiresInMs / 1000),
    token_last_run: lastRun && causeOf(lastRun)?.code,
    issuer_says: standing === 'unknown' ? undefined : standing,
  });
}

function wordsEvidence({ error, description, schemes }: TargetWords): Evidence {
  return evidenceOf({
    challenge: quoteAll(schemes),
    error: error && quote(error),
    error_description: description && quote(description),
  });
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

interface Refusal {
  readonly status: 401 | 403;
  readonly facts: Facts;
  /** How long the run took. */
  readonly tookMs: number;
  readonly token: SentToken | undefined;
  /** Taken into the outcome's own. */
  readonly evidence: Evidence;
}

/**
 * Why a target refused the credentials: by its RFC 6750 challenge, else by the status beside what we, and the issuer,
 * know of the token. Undefined when nothing speaks of credentials: a 403 to a request that carried no token of ours.
 */
export function diagnoseRefusal({ status, facts, tookMs, token, evidence: common }: Refusal): Outcome | undefined {
  const words = targetWords(facts);
  const evidence = { ...common, ...wordsEvidence(words), ...(token ? tokenEvidence(token) : {}) };
  const answered = `the target answered ${statusText(status)}`;
  if (words.error === 'insufficient_scope') return lacksScope(answered, words.scopes, token, evidence);

  const refused = `${answered} to ${token ? `the token ${token.view.name}` : 'a request without a token'}`;
  const said = words.description ?? words.error;
  const because = said === undefined ? '' : ` and says: ${quote(said)}`;
  const dateMs = answerDateMs(facts.headers);
  if (token?.proof && words.error === 'invalid_dpop_proof')
    return refusedProof(`${refused}${because}`, token.proof, { party: 'the target', dateMs, tookMs }, evidence);
  if (words.error === 'invalid_token' || status === 401) {
    const dead = token && deadToken(refused, token, dateMs, evidence);
    if (dead) return dead;
    // Its issuer knows better than the target.
    if (token?.standing === 'live')
      return troubled('unauthorized', `${refused}${because}; its issuer says that the token is live`, evidence);
    return troubled(saysExpired(words) ? 'token_expired' : 'unauthorized', `${refused}${because}`, evidence);
  }
  if (!token) return undefined;
  if (knownLack(token).length > 0) return lacksScope(answered, [], token, evidence);
  return troubled('unauthorized', `${refused}${because}`, evidence);
}

/** Why the token itself is no good any more, or looks so to the target, as far as there is proof. */
function deadToken(
  refused: string,
  { view, standing }: SentToken,
  dateMs: number | undefined,
  evidence: Evidence,
): Outcome | undefined {
  if (standing === 'revoked')
    return troubled('token_revoked', `${refused}, and its issuer says that it was revoked`, evidence);
  if (standing === 'expired')
    return troubled('token_expired', `${refused}, and its issuer says that it has expired`, evidence);
  const time = tokenTime(view, dateMs);
  if (time.kind === 'skewed') return clocksDisagree(refused, time, evidence);
  return time.kind === 'expired' ? troubled('token_expired', `${refused}: ${time.reason}`, evidence) : undefined;
}

function refusedProof(refused: string, proof: Stamped, by: Refuser, evidence: Evidence): Outcome {
  const skew = signedSkew(proof, by);
  const told = { ...evidence, ...stampEvidence(proof, by) };
  if (skew === undefined) return troubled('unauthorized', refused, told);
  return troubled('clock_skew', `${refused}; ${skew}`, told);
}

function saysExpired({ error, description }: TargetWords): boolean {
  const together = `${error} ${description}`;
  return expiredWord.test(together) && !furtherWords.test(together);
}

import { type Evidence, type Outcome, troubled } from '../model/cause.ts';
import type { Facts } from '../model/observation.ts';
import { diagnoseRefusal } from './diagnose-refusal.ts';
import { statusText } from './http-status.ts';
import { quote } from './quote.ts';
import type { SentToken } from './sent-token.ts';

interface StatusFindings {
  readonly status: number;
  readonly facts: Facts;
  /** How long the run took. */
  readonly tookMs: number;
  readonly token: SentToken | undefined;
  /** What the status assertion asked for, in words; undefined when there was none. */
  readonly expected: string | undefined;
  /** Taken into the outcome's own. */
  readonly evidence: Evidence;
}

/**
 * The cause that a status brings along, when the check did not ask for that status; undefined for one that is no error
 * by itself (RFC 9110 section 15: below 400).
 */
export function diagnoseStatus({
  status,
  facts,
  tookMs,
  token,
  expected,
  evidence,
}: StatusFindings): Outcome | undefined {
  if (status < 400 || status > 599) return undefined;
  const answered = `the target answered ${statusText(status)}`;
  const retryAfter = facts.headers?.['retry-after'];
  if (status === 429 || (status === 503 && retryAfter !== undefined)) {
    if (retryAfter === undefined) return troubled('rate_limited_by_target', answered, evidence);
    const retry = quote(retryAfter);
    return troubled('rate_limited_by_target', `${answered} with Retry-After: ${retry}`, {
      ...evidence,
      retry_after: retry,
    });
  }
  if (status === 401 || status === 403) {
    const refusal = diagnoseRefusal({ status, facts, tookMs, token, evidence });
    if (refusal) return refusal;
  }
  // Only a proxy may say this one (RFC 9110 section 15.5.8).
  if (status === 407)
    return troubled(
      'unauthorized',
      `a proxy before the target wants valid credentials: ${statusText(status)}`,
      evidence,
    );
  const wanted = expected === undefined ? '' : `; expected ${expected}`;
  return troubled(status >= 500 ? 'upstream_5xx' : 'upstream_4xx', `${answered}${wanted}`, evidence);
}

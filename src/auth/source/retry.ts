import type { CauseCode } from '../../model/cause.ts';
import type { TokenObservation } from '../../model/token.ts';
import { isFailing } from '../issuer/failing-status.ts';

/**
 * What `Retry-After` asks for, in milliseconds from now (RFC 9110 section 10.2.3); undefined without a readable one. A
 * date is held against the answer's own `Date`, so a clock that is off, ours or theirs, does not count.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, wallMs: number): number | undefined {
  const asked = headers['retry-after'];
  if (asked === undefined) return undefined;
  if (/^\d+$/.test(asked)) return Number(asked) * 1000;
  const untilMs = Date.parse(asked);
  if (Number.isNaN(untilMs)) return undefined;
  const answeredMs = Date.parse(headers.date ?? '');
  return Math.max(0, untilMs - (Number.isNaN(answeredMs) ? wallMs : answeredMs));
}

/** When a failed token run is tried again: soon with back-off, slowly, or not before a login or a reload. */
export type Retry = 'soon' | 'slowly' | 'never';

/**
 * A refresh token that the issuer has refused, or that our record knows as spent, is never sent again, and a person's
 * consent is waited for. Other definite refusals are the operators' to mend, at the issuer too, so they are tried again,
 * slowly; so is an assertion that was refused, since the next one is new. All else may pass by itself: a clock that is
 * off, and a failing issuer, whatever error it names.
 */
export function retryOf(observation: TokenObservation, cause?: CauseCode): Retry {
  const { grant, refreshToken = 'live', missingSecret, storeProblem, error, status = 0 } = observation;
  if (missingSecret) return 'never';
  if (storeProblem !== undefined) return 'soon';
  if (refreshToken !== 'live' && refreshToken !== 'taken') return 'never';
  if (cause === 'clock_skew' || isFailing(status)) return 'soon';
  const isOfPerson = !ownGrants.has(grant);
  if (isOfPerson && (error === 'invalid_grant' || cause === 'consent_required')) return 'never';
  return status === 401 || (error !== undefined && !passingErrors.has(error)) ? 'slowly' : 'soon';
}

/** By these a client speaks for itself: nobody logs in, and what the issuer refuses it may allow the next time. */
const ownGrants: ReadonlySet<string> = new Set(['client_credentials', 'jwt_bearer']);

const passingErrors: ReadonlySet<string> = new Set(['temporarily_unavailable', 'server_error', 'slow_down']);

const shortestBackOffMs = 1000;
const longestBackOffMs = 60_000;
/** Without a live token every check that needs it stands still, which is worth a few more requests. */
const longestBackOffWithoutTokenMs = 10_000;
const slowRetryMs = 300_000;
const longestRetryAfterMs = 300_000;

interface RetryCircumstances {
  /** How many runs in a row have failed. */
  readonly failures: number;
  /** A random number from 0 to 1. */
  readonly unit: number;
  /** How long the token that is held will live; 0 when there is none. */
  readonly liveForMs: number;
  /** What the issuer asked for by `Retry-After`. */
  readonly askedMs?: number;
}

/**
 * How long to wait before the next try, in milliseconds. `soon`: full jitter between 1 s and a ceiling that doubles with
 * each failure in a row, from 2 s up to 60 s, and up to 10 s from the end of the live token on. `slowly`: 4 to 6 minutes.
 * A `Retry-After` of up to 5 minutes is kept as a lower bound.
 */
export function retryDelayMs(
  retry: Exclude<Retry, 'never'>,
  { failures, unit, liveForMs, askedMs = 0 }: RetryCircumstances,
): number {
  const backOffMs = (longestMs: number) =>
    shortestBackOffMs + unit * (Math.min(longestMs, shortestBackOffMs * 2 ** failures) - shortestBackOffMs);
  const ownMs =
    retry === 'slowly'
      ? slowRetryMs * (0.8 + 0.4 * unit)
      : Math.min(backOffMs(longestBackOffMs), liveForMs + backOffMs(longestBackOffWithoutTokenMs));
  return Math.max(ownMs, Math.min(askedMs, longestRetryAfterMs));
}

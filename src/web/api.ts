import { type Cause, causeOf, guidanceOf } from '../model/cause.ts';
import type { ClockSourceView, ClockVerdict } from '../model/clock.ts';
import { type Facts, type Phases, phaseNames } from '../model/observation.ts';
import type { Result, TokenResult } from '../model/result.ts';
import type { SecretStanding } from '../model/secret-standing.ts';
import { toldLabels } from '../sinks/told-labels.ts';
import type { CheckView, TokenLoan } from './views.ts';

/** The answer of `/api/v1/clock`, but for its sources. Ahead is positive. */
export function clockJson({ state, skewMs, uncertaintyMs, toleranceMs, reason }: ClockVerdict) {
  return {
    state,
    skew_ms: optionalMs(skewMs),
    uncertainty_ms: optionalMs(uncertaintyMs),
    tolerance_ms: toleranceMs,
    reason,
  };
}

/** The answer of `/api/v1/runs/ID` for a run of a check: all that is kept of it. */
export function runJson(result: Result) {
  return {
    check: result.check.name,
    kind: result.check.kind,
    target: result.check.target,
    ...runSummary(result),
    lateness_ms: roundedMs(result.latenessMs),
    uncertainty_ms: roundedMs(result.uncertaintyMs),
    latency_uncertain: result.isUncertain,
    facts: factsJson(result.facts),
    assertions: result.verdicts,
  };
}

/** The answer of `/api/v1/runs/ID` for a run of a token source. */
export function tokenRunJson(result: TokenResult) {
  return { token: result.token, ...runSummary(result) };
}

/** The answer of the control socket to a command that asks for a token: the one place where a token goes out. */
export function loanJson({ sendTo, token, lastRun }: TokenLoan) {
  return {
    send_to: sendTo,
    ...(token && {
      token: {
        value: token.value.reveal(),
        dpop: token.dpop && { key: token.dpop.key?.reveal() },
        expires_in_ms: token.expiresInMs,
        scopes: token.scopes,
        generation: token.generation,
      },
    }),
    ...(lastRun && { last_run: { outcome: lastRun.kind, cause: causeJson(causeOf(lastRun)) } }),
  };
}

/** What is known of a token from its last own run. */
export type TokenStatus = 'unknown' | 'live' | 'expired' | 'absent';

/** A failed refresh leaves a token live until it expires. */
export function tokenStatus(last: TokenResult | undefined, wallMs: number): TokenStatus {
  if (!last) return 'unknown';
  if (last.expiresAtMs !== undefined) return last.expiresAtMs > wallMs ? 'live' : 'expired';
  return last.outcome.kind === 'passed' ? 'live' : 'absent';
}

/** One of the sources of `/api/v1/clock`. */
export function clockSourceJson({
  source,
  kind,
  state,
  skewMs,
  uncertaintyMs,
  ageMs,
  stratum,
  problem,
}: ClockSourceView) {
  return {
    source,
    kind,
    state,
    skew_ms: optionalMs(skewMs),
    uncertainty_ms: optionalMs(uncertaintyMs),
    age_ms: optionalMs(ageMs),
    stratum,
    problem,
  };
}

/** One of `/api/v1/secrets`: never a value. */
export function secretJson({ reference, users, state, readAtMs, leaseEndsAtMs, failures, cause }: SecretStanding) {
  return {
    reference,
    users,
    state,
    read_at: isoTime(readAtMs ?? Number.NaN),
    lease_ends_at: isoTime(leaseEndsAtMs ?? Number.NaN),
    failures,
    cause: causeJson(cause),
  };
}

/** One of `/api/v1/checks`. Durations are milliseconds, points in time ISO 8601. */
export function checkJson({ check, state }: CheckView, last: Result | undefined) {
  return {
    name: check.name,
    kind: check.kind,
    target: check.target,
    labels: toldLabels(check),
    interval_ms: check.intervalMs,
    state: state.status,
    since: isoTime(state.sinceMs),
    consecutive_failures: state.consecutiveFailures,
    cause: causeJson(state.cause),
    last_run: last && runSummary(last),
  };
}

/** One of `/api/v1/tokens`. */
export function tokenJson(name: string, last: TokenResult | undefined, wallMs: number) {
  return {
    name,
    state: tokenStatus(last, wallMs),
    expires_at: isoTime(last?.expiresAtMs ?? Number.NaN),
    last_run: last && runSummary(last),
  };
}

function runSummary({ runId, startedAtMs, outcome, durationMs, phases }: Result | TokenResult) {
  return {
    id: runId,
    started_at: isoTime(startedAtMs),
    outcome: outcome.kind,
    cause: causeJson(causeOf(outcome)),
    duration_ms: roundedMs(durationMs),
    phases_ms: phasesJson(phases),
  };
}

function causeJson(cause: Cause | undefined) {
  if (!cause) return undefined;
  const { sentence, action, blame } = guidanceOf(cause);
  return { code: cause.code, blame, sentence, detail: cause.detail, action, evidence: cause.evidence };
}

function factsJson({
  url,
  address,
  ipVersion,
  status,
  httpVersion,
  contentLength,
  bodyBytes,
  headers,
  redirects,
  tls,
  ntp,
}: Facts) {
  return {
    url,
    address,
    ip_version: ipVersion,
    status,
    http_version: httpVersion,
    content_length: contentLength,
    body_bytes: bodyBytes,
    headers,
    redirects,
    tls: tls && {
      protocol: tls.protocol,
      cipher: tls.cipher,
      chain: tls.chain.map(({ subject, issuer, notBeforeMs, notAfterMs, fingerprint }) => ({
        subject,
        issuer,
        not_before: isoTime(notBeforeMs),
        not_after: isoTime(notAfterMs),
        fingerprint,
      })),
    },
    ntp: ntp && {
      skew_ms: ntp.skewMs,
      uncertainty_ms: ntp.uncertaintyMs,
      delay_ms: ntp.delayMs,
      root_distance_ms: ntp.rootDistanceMs,
      stratum: ntp.stratum,
      leap: ntp.leap,
    },
  };
}

function phasesJson(phases: Phases): Record<string, number> {
  return Object.fromEntries(
    phaseNames.flatMap((name) => (phases[name] === undefined ? [] : [[name, roundedMs(phases[name])]])),
  );
}

function roundedMs(ms: number): number {
  return Math.round(ms * 100) / 100;
}

function optionalMs(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : roundedMs(ms);
}

/** Undefined for a date that is none: a certificate may carry anything. */
function isoTime(wallMs: number): string | undefined {
  return Number.isNaN(wallMs) ? undefined : new Date(wallMs).toISOString();
}

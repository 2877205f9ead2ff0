import { type CauseCode, causeOf, guidanceOf, type Outcome } from '../model/cause.ts';
import { type Phases, phaseNames } from '../model/observation.ts';
import type { CheckState, Result, Sink, TokenResult } from '../model/result.ts';
import type { Log, LogFields } from './log.ts';
import { toldLabels } from './told-labels.ts';

type RunLevel = 'debug' | 'info' | 'warn' | 'error';

/** What was last told of a check or token: what is new against it is worth a louder line. */
interface Told {
  readonly status?: CheckState['status'];
  readonly cause?: CauseCode | undefined;
}

/** Skips that nobody has to act on at night. */
const quietSkips: ReadonlySet<CauseCode> = new Set(['overrun', 'shutdown', 'maintenance']);

/**
 * Logs each run in one line. A change is loud and what goes on is quiet: `error` when a check turns to failing or fails
 * for another cause, `warn` while that lasts, `info` for a recovery, `debug` for a pass after a pass.
 */
export function createLogSink(log: Log): Sink {
  const toldOfChecks = new Map<string, Told>();
  const toldOfTokens = new Map<string, Told>();
  return {
    record(result) {
      const { name } = result.check;
      const before = toldOfChecks.get(name);
      const cause = causeOf(result.outcome)?.code;
      // What says nothing of the target is not what the next run is held against.
      if (!cause || !quietSkips.has(cause)) toldOfChecks.set(name, { status: result.state.status, cause });
      const level = levelOfRun(result, before);
      if (log.isOn(level)) log[level](fieldsOfRun(result), runMessage(result, before));
    },
    recordToken(result) {
      const before = toldOfTokens.get(result.token);
      const cause = causeOf(result.outcome)?.code;
      toldOfTokens.set(result.token, { cause });
      log[levelOfToken(cause, before)](fieldsOfToken(result), tokenMessage(result));
    },
  };
}

function levelOfRun({ outcome, state }: Result, before: Told | undefined): RunLevel {
  const cause = causeOf(outcome)?.code;
  if (cause === undefined) return before && before.cause === undefined ? 'debug' : 'info';
  if (outcome.kind === 'skipped') return quietSkips.has(cause) ? 'info' : 'warn';
  const isNews = before?.status !== 'failing' || before.cause !== cause;
  return state.status === 'failing' && isNews ? 'error' : 'warn';
}

function levelOfToken(cause: CauseCode | undefined, before: Told | undefined): RunLevel {
  if (cause === undefined) return before && before.cause === undefined ? 'debug' : 'info';
  if (quietSkips.has(cause)) return 'info';
  return before?.cause === cause ? 'warn' : 'error';
}

function runMessage({ check, outcome, durationMs, state }: Result, before: Told | undefined): string {
  const cause = causeOf(outcome);
  const took = `(${roundedMs(durationMs)} ms)`;
  if (!cause) return `${check.name} ${before?.status === 'failing' ? 'recovered' : 'passed'} ${took}`;
  const said = `${check.name} ${cause.code}: ${cause.detail}`;
  if (outcome.kind === 'skipped') return said;
  return state.consecutiveFailures > 1 ? `${said} ${took}, ${state.consecutiveFailures} in a row` : `${said} ${took}`;
}

function tokenMessage({ token, outcome, durationMs }: TokenResult): string {
  const cause = causeOf(outcome);
  const said = cause ? `${cause.code}: ${cause.detail}` : 'is fresh';
  return `token ${token} ${said} (${roundedMs(durationMs)} ms)`;
}

function fieldsOfRun(result: Result): LogFields {
  const { check, runId, outcome, phases, durationMs, uncertaintyMs, isUncertain, facts, state } = result;
  const labels = toldLabels(check);
  return {
    check: check.name,
    run: runId,
    ...fieldsOfOutcome(outcome),
    state: state.status,
    consecutive_failures: state.consecutiveFailures,
    duration_ms: roundedMs(durationMs),
    uncertainty_ms: roundedMs(uncertaintyMs),
    ...(isUncertain && { latency_uncertain: true }),
    phases_ms: roundedPhases(phases),
    ...(facts.status !== undefined && { status: facts.status }),
    target: check.target,
    ...(Object.keys(labels).length > 0 && { labels }),
  };
}

function fieldsOfToken({ token, runId, outcome, phases, durationMs, expiresAtMs }: TokenResult): LogFields {
  return {
    token,
    run: runId,
    ...fieldsOfOutcome(outcome),
    duration_ms: roundedMs(durationMs),
    phases_ms: roundedPhases(phases),
    ...(expiresAtMs !== undefined && { expires_at: new Date(expiresAtMs).toISOString() }),
  };
}

function fieldsOfOutcome(outcome: Outcome): LogFields {
  const cause = causeOf(outcome);
  if (!cause) return { outcome: outcome.kind };
  const { code, detail, evidence } = cause;
  return { outcome: outcome.kind, cause: code, blame: guidanceOf(cause).blame, detail, evidence };
}

function roundedMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function roundedPhases(phases: Phases): Record<string, number> {
  return Object.fromEntries(
    phaseNames.flatMap((name) => (phases[name] === undefined ? [] : [[name, roundedMs(phases[name])]])),
  );
}

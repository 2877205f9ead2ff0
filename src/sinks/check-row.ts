import { type CauseCode, causeOf, type OutcomeKind } from '../model/cause.ts';
import type { CheckIdentity, Result } from '../model/result.ts';
import { type Buckets, createHistogram, type Histogram } from './histogram.ts';
import { labelPairs } from './metric-family.ts';
import { toldLabels } from './told-labels.ts';

/** All that the metrics of one check are read from. The results are those that the history holds as well. */
export interface CheckRow {
  identity: CheckIdentity;
  /** The finished label pairs of the check: its name and its own labels. */
  readonly labelPairs: string;
  /** The last run; an overrun is none, since it says that the run before goes on. */
  last: Result | undefined;
  /** The last run if it asked its target; undefined when the last one was skipped, for nothing is known then. */
  asked: Result | undefined;
  /** When the last run that asked its target started, in wall-clock milliseconds. */
  askedAtMs: number | undefined;
  readonly runs: Record<OutcomeKind, number>;
  /** How often each cause was met; the one met last stands last. */
  readonly failures: Map<CauseCode, number>;
  readonly skips: Map<CauseCode, number>;
  latency: Histogram;
  /** Runs that got an answer, and are not in `latency` since theirs is uncertain. */
  uncertainLatencies: number;
}

export function createCheckRow(identity: CheckIdentity, buckets: Buckets): CheckRow {
  return {
    identity,
    labelPairs: labelPairs({ check: identity.name, ...toldLabels(identity) }),
    last: undefined,
    asked: undefined,
    askedAtMs: undefined,
    runs: { passed: 0, failed: 0, errored: 0, skipped: 0 },
    failures: new Map(),
    skips: new Map(),
    latency: createHistogram(buckets),
    uncertainLatencies: 0,
  };
}

/** Counts a run, and shows it in place of the one before. */
export function recordRun(row: CheckRow, result: Result): void {
  const { outcome, durationMs, isUncertain, startedAtMs } = result;
  const isSkip = outcome.kind === 'skipped';
  const cause = causeOf(outcome);
  row.runs[outcome.kind] += 1;
  if (cause) countCause(isSkip ? row.skips : row.failures, cause.code);
  if (cause?.code === 'overrun') return;
  row.last = result;
  row.asked = isSkip ? undefined : result;
  if (isSkip) return;
  row.askedAtMs = startedAtMs;
  if (outcome.kind === 'errored') return;
  if (isUncertain) row.uncertainLatencies += 1;
  else row.latency.observe(durationMs / 1000);
}

function countCause(counts: Map<CauseCode, number>, code: CauseCode): void {
  const count = counts.get(code) ?? 0;
  counts.delete(code);
  counts.set(code, count + 1);
}

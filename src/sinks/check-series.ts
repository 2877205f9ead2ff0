import { type Cause, type CauseCode, causeOf, causes, guidanceOf, outcomeKinds } from '../model/cause.ts';
import type { CheckIdentity, CheckState, Result } from '../model/result.ts';
import { labelPair } from './exposition.ts';
import type { Instruments } from './instruments.ts';
import { probeReadings, type Reading } from './probe-readings.ts';
import { toldLabels } from './told-labels.ts';

/** All series of one check. */
export interface CheckSeries {
  readonly identity: CheckIdentity;
  /** The finished label pairs of the check: its name and its own labels. */
  readonly labelPairs: string;
  record(result: Result): void;
  /** Another interval does not make it another check. */
  showInterval(intervalMs: number): void;
  /** Removes every series of the check. */
  drop(): void;
}

/** Creates the series of a check, all counters from 0 on: a rate needs to see the first failure. */
export function createCheckSeries(instruments: Instruments, identity: CheckIdentity): CheckSeries {
  const { gauge, counter, histogram } = instruments;
  const check = identity.name;
  const showProbe = createReadingGroup(instruments, check);
  const showState = createReadingGroup(instruments, check);
  const showFixed = createReadingGroup(instruments, check);
  const seenCauses = new Set<CauseCode>();

  const count = (code: CauseCode, by: number) => {
    seenCauses.add(code);
    const { outcome, blame } = causes[code];
    if (outcome === 'skipped') counter('sonde_skips_total').inc({ check, cause: code }, by);
    else counter('sonde_failures_total').inc({ check, cause: code, blame }, by);
  };
  const showInterval = (intervalMs: number) =>
    showFixed([
      { metric: 'sonde_check_info', labels: { kind: identity.kind, target: identity.target }, value: 1 },
      { metric: 'sonde_check_interval_seconds', value: intervalMs / 1000 },
    ]);

  showInterval(identity.intervalMs);
  showState([{ metric: 'sonde_consecutive_failures', value: 0 }]);
  for (const outcome of outcomeKinds) counter('sonde_runs_total').inc({ check, outcome }, 0);
  histogram('sonde_latency_seconds').zero({ check });

  return {
    identity,
    labelPairs: [['check', check] as const, ...Object.entries(toldLabels(identity))]
      .map(([name, value]) => labelPair(name, value))
      .join(','),
    record(result) {
      const { outcome, state, durationMs, latenessMs, startedAtMs } = result;
      const cause = causeOf(outcome);
      counter('sonde_runs_total').inc({ check, outcome: outcome.kind });
      if (cause) count(cause.code, 1);
      // An overrun says that the run before goes on, so what is shown is still the last that is known.
      if (cause?.code === 'overrun') return;
      showState(stateReadings(state, cause));
      if (outcome.kind === 'skipped') return showProbe([]);
      showProbe(probeReadings(result));
      gauge('sonde_last_run_timestamp_seconds').set({ check }, startedAtMs / 1000);
      histogram('sonde_schedule_lateness_seconds').observe(latenessMs / 1000);
      if (outcome.kind !== 'errored') histogram('sonde_latency_seconds').observe({ check }, durationMs / 1000);
    },
    showInterval,
    drop() {
      for (const show of [showProbe, showState, showFixed]) show([]);
      gauge('sonde_last_run_timestamp_seconds').remove({ check });
      histogram('sonde_latency_seconds').remove({ check });
      for (const outcome of outcomeKinds) counter('sonde_runs_total').remove({ check, outcome });
      for (const code of seenCauses) {
        counter('sonde_skips_total').remove({ check, cause: code });
        counter('sonde_failures_total').remove({ check, cause: code, blame: causes[code].blame });
      }
    },
  };
}

/** Gauges of one check, of which each new set of readings takes the place of the one before. */
function createReadingGroup({ gauge }: Instruments, check: string): (readings: readonly Reading[]) => void {
  let shown = new Map<string, Reading>();
  return (readings) => {
    const next = new Map(readings.map((reading) => [seriesKey(reading), reading]));
    for (const [key, { metric, labels }] of shown) if (!next.has(key)) gauge(metric).remove({ check, ...labels });
    for (const { metric, labels, value } of readings) gauge(metric).set({ check, ...labels }, value);
    shown = next;
  };
}

function seriesKey({ metric, labels = {} }: Reading): string {
  return [metric, ...Object.values(labels)].join(' ');
}

/** A check whose runs are skipped is not shown as passing any more: nobody has asked. One that fails goes on failing. */
function stateReadings({ status, cause, consecutiveFailures }: CheckState, lastCause: Cause | undefined): Reading[] {
  const readings: Reading[] = [{ metric: 'sonde_consecutive_failures', value: consecutiveFailures }];
  const isSkip = lastCause && causes[lastCause.code].outcome === 'skipped';
  const shown = cause ?? (isSkip ? lastCause : undefined);
  if (shown) {
    const labels = { cause: shown.code, blame: guidanceOf(shown).blame };
    readings.push({ metric: 'sonde_check_state', labels, value: 0 });
  } else if (status === 'passing') {
    readings.push({ metric: 'sonde_check_state', labels: { cause: '', blame: '' }, value: 1 });
  }
  return readings;
}

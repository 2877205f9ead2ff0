import { type CauseCode, causeOf, causes, guidanceOf, outcomeKinds } from '../model/cause.ts';
import type { Result } from '../model/result.ts';
import type { CheckRow } from './check-row.ts';
import type { MetricNameOf } from './metric-catalogue.ts';
import { type AddSeries, type FamilyTable, labelPair, labelPairs } from './metric-family.ts';
import { probeFamilies, secondsOf } from './probe-families.ts';

/** So many causes of failures are shown of one check, so that its series stay bounded: those that were met last. */
const mostCauses = 10;

const outcomePairs = outcomeKinds.map((outcome) => [outcome, labelPair('outcome', outcome)] as const);

/** Every metric of a check. */
export const checkFamilies: FamilyTable<MetricNameOf<'check'>, CheckRow> = {
  ...probeFamilies,
  sonde_check_info({ labelPairs: check, identity: { kind, target } }, add) {
    add(`${check},${labelPairs({ kind, target })}`, 1);
  },
  sonde_check_state({ labelPairs: check, last }, add) {
    if (last) addState(check, last, add);
  },
  sonde_consecutive_failures({ labelPairs: check, last }, add) {
    add(check, last?.state.consecutiveFailures ?? 0);
  },
  sonde_check_interval_seconds({ labelPairs: check, identity }, add) {
    add(check, identity.intervalMs / 1000);
  },
  sonde_last_run_timestamp_seconds({ labelPairs: check, askedAtMs }, add) {
    if (askedAtMs !== undefined) add(check, askedAtMs / 1000);
  },
  sonde_runs_total({ labelPairs: check, runs }, add) {
    for (const [outcome, pair] of outcomePairs) add(`${check},${pair}`, runs[outcome]);
  },
  sonde_failures_total({ labelPairs: check, failures }, add) {
    let hidden = failures.size - mostCauses;
    for (const [code, count] of failures) if (--hidden < 0) add(`${check},${causePairs(code)}`, count);
  },
  sonde_skips_total({ labelPairs: check, skips }, add) {
    for (const [code, count] of skips) add(`${check},${labelPair('cause', code)}`, count);
  },
  sonde_latency_seconds({ labelPairs: check, latency }, add) {
    latency.add(check, add);
  },
  sonde_uncertain_latencies_total({ labelPairs: check, uncertainLatencies }, add) {
    add(check, uncertainLatencies);
  },
  sonde_measurement_uncertainty_seconds({ labelPairs: check, asked }, add) {
    if (asked) add(check, secondsOf(asked.uncertaintyMs));
  },
};

function causePairs(code: CauseCode): string {
  return labelPairs({ cause: code, blame: causes[code].blame });
}

/** A check whose runs are skipped is not shown as passing any more: nobody has asked. One that fails goes on failing. */
function addState(check: string, { outcome, state: { status, cause } }: Result, add: AddSeries): void {
  const shown = cause ?? (outcome.kind === 'skipped' ? causeOf(outcome) : undefined);
  if (shown) add(`${check},${labelPairs({ cause: shown.code, blame: guidanceOf(shown).blame })}`, 0);
  else if (status === 'passing') add(`${check},cause="",blame=""`, 1);
}

import type { ClockVerdict } from '../model/clock.ts';
import type { CheckIdentity, Sink } from '../model/result.ts';
import type { SecretStanding } from '../model/secret-standing.ts';
import { type BudgetLevel, createBudgetSeries } from './budget-series.ts';
import { checkFamilies } from './check-families.ts';
import { type CheckRow, createCheckRow, recordRun } from './check-row.ts';
import { clockFamilies } from './clock-families.ts';
import { type Exposition, exposition } from './exposition.ts';
import { type Buckets, createBuckets, createHistogram } from './histogram.ts';
import { metricCatalogue } from './metric-catalogue.ts';
import { familiesOf, labelPair, type MetricFamily } from './metric-family.ts';
import { createProcessMetrics, type ProcessMetricsOptions } from './process-metrics.ts';
import { isSameIdentity } from './same-identity.ts';
import { secretFamilies } from './secret-families.ts';
import { createTokenSeries } from './token-series.ts';

export interface PrometheusSinkOptions extends ProcessMetricsOptions {
  /** What each budget could grant now. */
  budgetLevels(): readonly BudgetLevel[];
  /** How this host's clock stands now. */
  clockVerdict(): ClockVerdict;
  /** How the secrets stand that files and Vault hold. */
  secrets(): readonly SecretStanding[];
}

/** What the configuration says of all metrics. */
export interface MetricsSettings {
  /** The label `environment` of every metric; absent where they have none. */
  readonly environmentLabel?: string;
  /** Upper bounds of the buckets of `sonde_latency_seconds`, ascending; those of the catalogue without it. */
  readonly latencyBucketsSeconds?: readonly number[];
}

/**
 * Keeps the metrics. Series exist for the checks, tokens and budgets that were last named by `sync…`, and for no
 * others: what a reload took away is gone at once, and a late result of it is dropped.
 */
export interface PrometheusSink extends Sink {
  /** Other buckets than before begin every histogram of latency anew. */
  configure(settings: MetricsSettings): void;
  /** Names the checks that are configured. One whose kind, target or labels changed begins anew. */
  syncChecks(checks: readonly CheckIdentity[]): void;
  syncTokens(names: readonly string[]): void;
  syncBudgets(names: readonly string[]): void;
  /** Counts a permit; fits the limiter's observer. */
  granted(budget: string, waitedMs: number): void;
  /** Says how a reload of the configuration ended. The first load is taken to have succeeded. */
  reloaded(successful: boolean): void;
  /**
   * All metrics, as OpenMetrics 1.0 or in the Prometheus text format. The checks are those of this moment, also when a
   * reload takes some away while the text is taken; a value is that of the moment at which its piece is.
   */
  render(openMetrics: boolean): Promise<Exposition>;
}

const catalogueOrder = new Map(Object.keys(metricCatalogue).map((name, index) => [name, index]));

export function createPrometheusSink(options: PrometheusSinkOptions): PrometheusSink {
  const checks = new Map<string, CheckRow>();
  const tokens = createTokenSeries();
  const budgets = createBudgetSeries();
  const process = createProcessMetrics(options);
  process.reloaded(true);
  let buckets: Buckets = createBuckets(metricCatalogue.sonde_latency_seconds.buckets);
  /** A finished label pair, or empty. */
  let environment = '';

  return {
    record(result) {
      const row = checks.get(result.check.name);
      if (!row || !isSameIdentity(row.identity, result.check)) return;
      recordRun(row, result);
      if (result.outcome.kind !== 'skipped') process.ranLate(result.latenessMs);
    },
    recordToken: tokens.record,
    configure({ environmentLabel, latencyBucketsSeconds = metricCatalogue.sonde_latency_seconds.buckets }) {
      environment = environmentLabel === undefined ? '' : labelPair('environment', environmentLabel);
      if (isSameList(buckets.bounds, latencyBucketsSeconds)) return;
      buckets = createBuckets(latencyBucketsSeconds);
      for (const row of checks.values()) row.latency = createHistogram(buckets);
    },
    syncChecks(identities) {
      const wanted = new Map(identities.map((identity) => [identity.name, identity]));
      for (const [name, { identity }] of checks) {
        const now = wanted.get(name);
        if (!now || !isSameIdentity(identity, now)) checks.delete(name);
      }
      for (const identity of identities) {
        const known = checks.get(identity.name);
        if (known) known.identity = identity;
        else checks.set(identity.name, createCheckRow(identity, buckets));
      }
    },
    syncTokens: tokens.sync,
    syncBudgets: budgets.sync,
    granted: budgets.granted,
    reloaded: process.reloaded,
    async render(openMetrics) {
      const families = [
        ...(await process.families()),
        ...familiesOf(checkFamilies, [...checks.values()]),
        ...budgets.families(options.budgetLevels()),
        ...tokens.families(),
        ...clockFamilies(options.clockVerdict()),
        ...secretFamilies(options.secrets()),
      ];
      return exposition(families.sort(byCatalogue), openMetrics, environment);
    },
  };
}

/** Those of the process itself, which the catalogue does not have, come last. */
function byCatalogue({ name: a }: MetricFamily, { name: b }: MetricFamily): number {
  return (catalogueOrder.get(a) ?? catalogueOrder.size) - (catalogueOrder.get(b) ?? catalogueOrder.size);
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((bound, index) => bound === b[index]);
}

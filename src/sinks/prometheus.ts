import { collectDefaultMetrics, Registry } from 'prom-client';
import type { ClockVerdict } from '../model/clock.ts';
import type { CheckIdentity, Sink } from '../model/result.ts';
import type { SecretStanding } from '../model/secret-standing.ts';
import { createBudgetSeries } from './budget-series.ts';
import { type CheckSeries, createCheckSeries } from './check-series.ts';
import { createClockSeries } from './clock-series.ts';
import { type Exposition, labelPair, writeExposition } from './exposition.ts';
import { createInstruments } from './instruments.ts';
import { isSameIdentity } from './same-identity.ts';
import { createSecretSeries } from './secret-series.ts';
import { createTokenSeries } from './token-series.ts';

export interface PrometheusSinkOptions {
  /** sonde's own. */
  readonly version: string;
  /** Milliseconds since 1970. */
  wallMs(): number;
  /** What each budget could grant now. */
  budgetLevels(): readonly { readonly name: string; readonly level: number }[];
  /** How this host's clock stands now. */
  clockVerdict(): ClockVerdict;
  /** How the secrets stand that files and Vault hold. */
  secrets(): readonly SecretStanding[];
}

/**
 * Keeps the metrics. Series exist for the checks, tokens and budgets that were last named by `sync…`, and for no
 * others: what a reload took away is gone at once, and a late result of it is dropped.
 */
export interface PrometheusSink extends Sink {
  /** Names the checks that are configured. One whose kind, target or labels changed begins anew. */
  syncChecks(checks: readonly CheckIdentity[]): void;
  syncTokens(names: readonly string[]): void;
  syncBudgets(names: readonly string[]): void;
  /** Gives every metric the label `environment`, or with undefined none. */
  labelEnvironment(name: string | undefined): void;
  /** Counts a permit; fits the limiter's observer. */
  granted(budget: string, waitedMs: number): void;
  /** Says how a reload of the configuration ended. The first load is taken to have succeeded. */
  reloaded(successful: boolean): void;
  /** All metrics, as OpenMetrics 1.0 or in the Prometheus text format. */
  render(openMetrics: boolean): Promise<Exposition>;
}

/** prom-client's gauges that Prometheus' own lint refuses: gauges named `_total`, each the sum of another one. */
const misnamedDefaults = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

export function createPrometheusSink({
  version,
  wallMs,
  budgetLevels,
  clockVerdict,
  secrets,
}: PrometheusSinkOptions): PrometheusSink {
  const registry = new Registry();
  const instruments = createInstruments(registry);
  const { gauge } = instruments;
  collectDefaultMetrics({ register: registry });
  for (const name of misnamedDefaults) registry.removeSingleMetric(name);

  const checks = new Map<string, CheckSeries>();
  const tokens = createTokenSeries(instruments);
  const budgets = createBudgetSeries(instruments);
  const clock = createClockSeries(instruments);
  const secretSeries = createSecretSeries(instruments);

  const reloaded = (successful: boolean) => {
    gauge('sonde_config_last_reload_successful').set(successful ? 1 : 0);
    if (successful) gauge('sonde_config_last_reload_success_timestamp_seconds').set(wallMs() / 1000);
  };
  gauge('sonde_build_info').set({ version, node_version: process.versions.node }, 1);
  reloaded(true);

  /** A finished label pair, or empty. */
  let environment = '';
  const renderOnce = async (openMetrics: boolean) => {
    for (const { name, level } of budgetLevels()) budgets.showLevel(name, level);
    clock.show(clockVerdict());
    secretSeries.show(secrets());
    // Reading and writing let others in, a reload too: the checks are those of the moment at which the series are read.
    const shown = new Map(checks);
    const families = await registry.getMetricsAsJSON();
    return writeExposition(
      families.map((family) => ({ ...family, type: String(family.type) })),
      openMetrics,
      (check) => (shown.get(check) as CheckSeries).labelPairs,
      environment,
    );
  };
  /** By format, while it is under way. */
  const rendering = new Map<boolean, Promise<Exposition>>();

  return {
    record(result) {
      const series = checks.get(result.check.name);
      if (series && isSameIdentity(series.identity, result.check)) series.record(result);
    },
    recordToken: tokens.record,
    syncChecks(identities) {
      const wanted = new Map(identities.map((identity) => [identity.name, identity]));
      for (const [name, series] of checks) {
        const identity = wanted.get(name);
        if (identity && isSameIdentity(series.identity, identity)) continue;
        series.drop();
        checks.delete(name);
      }
      for (const identity of identities) {
        const known = checks.get(identity.name);
        if (known) known.showInterval(identity.intervalMs);
        else checks.set(identity.name, createCheckSeries(instruments, identity));
      }
    },
    syncTokens: tokens.sync,
    syncBudgets: budgets.sync,
    labelEnvironment(name) {
      environment = name === undefined ? '' : labelPair('environment', name);
    },
    granted: budgets.granted,
    reloaded,
    render(openMetrics) {
      // Scrapes that come together share one text: it may be megabytes.
      const shared = rendering.get(openMetrics) ?? renderOnce(openMetrics).finally(() => rendering.delete(openMetrics));
      rendering.set(openMetrics, shared);
      return shared;
    },
  };
}

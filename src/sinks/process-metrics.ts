import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { boundText } from './histogram.ts';
import { type MetricName, metricCatalogue } from './metric-catalogue.ts';
import { labelPairs, type MetricFamily } from './metric-family.ts';

/** What there is one of in a process: kept by prom-client, with the metrics of the process itself. */
export interface ProcessMetrics {
  ranLate(latenessMs: number): void;
  reloaded(successful: boolean): void;
  families(): Promise<readonly MetricFamily[]>;
}

export interface ProcessMetricsOptions {
  /** sonde's own. */
  readonly version: string;
  /** Milliseconds since 1970. */
  wallMs(): number;
}

/** prom-client's gauges that Prometheus' own lint refuses: gauges named `_total`, each the sum of another one. */
const misnamedDefaults = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

export function createProcessMetrics({ version, wallMs }: ProcessMetricsOptions): ProcessMetrics {
  const registry = new Registry();
  const described = (name: MetricName) => {
    const { help, labels } = metricCatalogue[name];
    return { name, help, labelNames: [...labels], registers: [registry] };
  };
  const lateness = new Histogram({
    ...described('sonde_schedule_lateness_seconds'),
    buckets: [...metricCatalogue.sonde_schedule_lateness_seconds.buckets],
  });
  const successful = new Gauge(described('sonde_config_last_reload_successful'));
  const loadedAt = new Gauge(described('sonde_config_last_reload_success_timestamp_seconds'));
  new Gauge(described('sonde_build_info')).set({ version, node_version: process.versions.node }, 1);
  collectDefaultMetrics({ register: registry });
  for (const name of misnamedDefaults) registry.removeSingleMetric(name);

  return {
    ranLate: (latenessMs) => lateness.observe(latenessMs / 1000),
    reloaded(isSuccessful) {
      successful.set(isSuccessful ? 1 : 0);
      if (isSuccessful) loadedAt.set(wallMs() / 1000);
    },
    families: async () => (await registry.getMetricsAsJSON()).map(familyOf),
  };
}

type RegisteredMetric = Awaited<ReturnType<Registry['getMetricsAsJSON']>>[number];

/** One series, as prom-client tells it. */
interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  /** The name with `_bucket`, `_sum` or `_count`, for histograms. */
  readonly metricName?: string;
}

function familyOf({ name, help, type, values }: RegisteredMetric): MetricFamily {
  const samples: readonly Sample[] = values;
  return {
    name,
    help,
    type: String(type),
    parts: 1,
    addPart(_, add) {
      for (const { labels, value, metricName = name } of samples)
        add(labelPairs(textLabels(labels)), value, metricName.slice(name.length));
    },
  };
}

function textLabels(labels: Sample['labels']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [
      name,
      name === 'le' && typeof value === 'number' ? boundText(value) : String(value),
    ]),
  );
}

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type MetricName, type MetricNameOf, metricCatalogue } from './metric-catalogue.ts';

/** The metrics of the catalogue, by name and type. */
export interface Instruments {
  gauge(name: MetricNameOf<'gauge'>): Gauge;
  counter(name: MetricNameOf<'counter'>): Counter;
  histogram(name: MetricNameOf<'histogram'>): Histogram;
}

/** Registers every metric of the catalogue, in its order. */
export function createInstruments(registry: Registry): Instruments {
  const gauges = new Map<string, Gauge>();
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  for (const name of Object.keys(metricCatalogue) as MetricName[]) {
    const entry = metricCatalogue[name];
    const shared = { name, help: entry.help, labelNames: [...entry.labels], registers: [registry] };
    if (entry.type === 'gauge') gauges.set(name, new Gauge(shared));
    else if (entry.type === 'counter') counters.set(name, new Counter(shared));
    else histograms.set(name, new Histogram({ ...shared, buckets: [...entry.buckets] }));
  }
  return {
    gauge: (name) => gauges.get(name) as Gauge,
    counter: (name) => counters.get(name) as Counter,
    histogram: (name) => histograms.get(name) as Histogram,
  };
}

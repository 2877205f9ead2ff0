import { type ClockSourceView, type ClockVerdict, clockSourceStates } from '../model/clock.ts';
import type { MetricNameFrom, MetricNameOf } from './metric-catalogue.ts';
import { type FamilyTable, familiesOf, labelPair, type MetricFamily } from './metric-family.ts';

type OfSource = MetricNameOf<'source'>;

const ofSource: FamilyTable<OfSource, ClockSourceView> = {
  sonde_clock_offset_seconds({ source, skewMs }, add) {
    if (skewMs !== undefined) add(labelPair('source', source), skewMs / 1000);
  },
};

const ofVerdict: FamilyTable<Exclude<MetricNameFrom<'sonde_clock_'>, OfSource>, ClockVerdict> = {
  sonde_clock_skew_seconds({ skewMs }, add) {
    if (skewMs !== undefined) add('', skewMs / 1000);
  },
  sonde_clock_uncertainty_seconds({ uncertaintyMs }, add) {
    if (uncertaintyMs !== undefined) add('', uncertaintyMs / 1000);
  },
  sonde_clock_tolerance_seconds: ({ toleranceMs }, add) => add('', toleranceMs / 1000),
  sonde_clock_sources({ sources }, add) {
    for (const state of clockSourceStates)
      add(labelPair('state', state), sources.filter((source) => source.state === state).length);
  },
};

/** The metrics of this host's clock, by a verdict on it. */
export function clockFamilies(verdict: ClockVerdict): readonly MetricFamily[] {
  return [...familiesOf(ofSource, verdict.sources), ...familiesOf(ofVerdict, [verdict])];
}

import type { SecretStanding } from '../model/secret-standing.ts';
import type { MetricNameOf } from './metric-catalogue.ts';
import { type FamilyTable, familiesOf, labelPair, labelPairs, type MetricFamily } from './metric-family.ts';

const table: FamilyTable<MetricNameOf<'reference'>, SecretStanding> = {
  sonde_secret_available: ({ reference, state }, add) =>
    add(labelPair('reference', reference), state === 'current' ? 1 : 0),
  sonde_secret_failures_total({ reference, failures }, add) {
    for (const [reason, count] of Object.entries(failures)) add(labelPairs({ reference, reason }), count);
  },
};

/** The metrics of references to files and to Vault, by how they stand. */
export function secretFamilies(standings: readonly SecretStanding[]): readonly MetricFamily[] {
  return familiesOf(table, standings);
}

import { causeOf } from '../model/cause.ts';
import type { TokenResult } from '../model/result.ts';
import type { MetricNameOf } from './metric-catalogue.ts';
import { type FamilyTable, familiesOf, labelPair, labelPairs, type MetricFamily } from './metric-family.ts';

/** The series of token sources. */
export interface TokenSeries {
  record(result: TokenResult): void;
  /** Creates the series of new tokens and removes those of tokens that are gone. */
  sync(names: readonly string[]): void;
  families(): readonly MetricFamily[];
}

interface TokenRow {
  readonly labelPairs: string;
  last: TokenResult | undefined;
  /** Runs by the finished label pairs of their outcome and cause. */
  readonly refreshes: Map<string, number>;
}

const passedPairs = labelPairs({ outcome: 'passed', cause: '' });

const table: FamilyTable<MetricNameOf<'token'>, TokenRow> = {
  sonde_token_expiry_timestamp_seconds({ labelPairs: token, last }, add) {
    if (last?.expiresAtMs !== undefined) add(token, last.expiresAtMs / 1000);
  },
  sonde_token_refreshes_total({ labelPairs: token, refreshes }, add) {
    for (const [pairs, count] of refreshes) add(`${token},${pairs}`, count);
  },
  sonde_token_refresh_duration_seconds({ labelPairs: token, last }, add) {
    if (last) add(token, last.durationMs / 1000);
  },
};

export function createTokenSeries(): TokenSeries {
  const rows = new Map<string, TokenRow>();

  return {
    record(result) {
      const row = rows.get(result.token);
      if (!row) return;
      const { outcome } = result;
      const pairs = labelPairs({ outcome: outcome.kind, cause: causeOf(outcome)?.code ?? '' });
      row.refreshes.set(pairs, (row.refreshes.get(pairs) ?? 0) + 1);
      row.last = result;
    },
    sync(names) {
      const wanted = new Set(names);
      for (const token of rows.keys()) if (!wanted.has(token)) rows.delete(token);
      for (const token of names) {
        if (rows.has(token)) continue;
        const refreshes = new Map([[passedPairs, 0]]);
        rows.set(token, { labelPairs: labelPair('token', token), last: undefined, refreshes });
      }
    },
    families: () => familiesOf(table, [...rows.values()]),
  };
}

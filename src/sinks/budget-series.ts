import { createBuckets, createHistogram, type Histogram } from './histogram.ts';
import { type MetricNameOf, metricCatalogue } from './metric-catalogue.ts';
import { type FamilyTable, familiesOf, labelPair, type MetricFamily } from './metric-family.ts';

/** What a budget could grant now. */
export interface BudgetLevel {
  readonly name: string;
  readonly level: number;
}

/** The series of budgets. */
export interface BudgetSeries {
  /** Creates the series of new budgets and removes those of budgets that are gone. */
  sync(names: readonly string[]): void;
  granted(budget: string, waitedMs: number): void;
  families(levels: readonly BudgetLevel[]): readonly MetricFamily[];
}

interface BudgetRow {
  readonly labelPairs: string;
  readonly wait: Histogram;
  permits: number;
  level: number | undefined;
}

const buckets = createBuckets(metricCatalogue.sonde_budget_wait_seconds.buckets);

const table: FamilyTable<MetricNameOf<'budget'>, BudgetRow> = {
  sonde_budget_wait_seconds: ({ labelPairs, wait }, add) => wait.add(labelPairs, add),
  sonde_budget_permits_total: ({ labelPairs, permits }, add) => add(labelPairs, permits),
  sonde_budget_tokens({ labelPairs, level }, add) {
    if (level !== undefined) add(labelPairs, level);
  },
};

export function createBudgetSeries(): BudgetSeries {
  const rows = new Map<string, BudgetRow>();

  return {
    sync(names) {
      const wanted = new Set(names);
      for (const budget of rows.keys()) if (!wanted.has(budget)) rows.delete(budget);
      for (const budget of names) {
        if (rows.has(budget)) continue;
        const labelPairs = labelPair('budget', budget);
        rows.set(budget, { labelPairs, wait: createHistogram(buckets), permits: 0, level: undefined });
      }
    },
    granted(budget, waitedMs) {
      const row = rows.get(budget);
      if (!row) return;
      row.wait.observe(waitedMs / 1000);
      row.permits += 1;
    },
    families(levels) {
      for (const { name, level } of levels) {
        const row = rows.get(name);
        if (row) row.level = level;
      }
      return familiesOf(table, [...rows.values()]);
    },
  };
}

import type { Instruments } from './instruments.ts';

/** The series of budgets. */
export interface BudgetSeries {
  /** Creates the series of new budgets and removes those of budgets that are gone. */
  sync(names: readonly string[]): void;
  granted(budget: string, waitedMs: number): void;
  showLevel(budget: string, level: number): void;
}

export function createBudgetSeries({ gauge, counter, histogram }: Instruments): BudgetSeries {
  const budgets = new Set<string>();
  const wait = histogram('sonde_budget_wait_seconds');
  const permits = counter('sonde_budget_permits_total');
  const level = gauge('sonde_budget_tokens');

  return {
    sync(names) {
      for (const budget of budgets) {
        if (names.includes(budget)) continue;
        budgets.delete(budget);
        for (const metric of [wait, permits, level]) metric.remove({ budget });
      }
      for (const budget of names) {
        if (budgets.has(budget)) continue;
        budgets.add(budget);
        wait.zero({ budget });
        permits.inc({ budget }, 0);
      }
    },
    granted(budget, waitedMs) {
      if (!budgets.has(budget)) return;
      wait.observe({ budget }, waitedMs / 1000);
      permits.inc({ budget });
    },
    showLevel(budget, now) {
      if (budgets.has(budget)) level.set({ budget }, now);
    },
  };
}

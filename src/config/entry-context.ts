import type { BudgetDefinition } from '../model/check.ts';
import { suggest } from '../model/nearest.ts';
import type { System } from '../system/system.ts';
import type { SecretContext } from './plaintext.ts';
import type { Report } from './problem.ts';
import { placeAt, type Tree } from './yaml/tree.ts';

/** What the entries of a section are read with. */
export interface EntryContext extends SecretContext {
  readonly system: System;
  /** Notes what is not wrong, but hardly meant. */
  readonly warn: Report;
  readonly budgets: readonly BudgetDefinition[];
  /** Names of budgets and tokens are not looked for: a file that may define them could not be read. */
  readonly incomplete: boolean;
}

/** Reports a budget that is not there, with the nearest one that is. */
export function checkBudgetName(name: string, tree: Tree, label: string, context: EntryContext): void {
  const names = context.budgets.map((budget) => budget.name);
  if (context.incomplete || names.includes(name)) return;
  context.report(placeAt(tree, ['budget']), `${label}.budget: there is no budget "${name}"; ${suggest(name, names)}`);
}

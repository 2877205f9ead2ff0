import type { z } from 'zod';
import type { BudgetDefinition, CheckDefinition } from '../model/check.ts';
import { timeBudgetName } from '../model/clock.ts';
import { distinctServers, type HostPort, parseTimeServer } from '../model/host-port.ts';
import { type VaultDefinition, vaultBudgetName } from '../model/vault.ts';
import type { ProbeKind } from '../probes/probe.ts';
import type { System } from '../system/system.ts';
import { checkTree } from './check-tree.ts';
import { readCheck } from './checks.ts';
import type { Configuration } from './configuration.ts';
import { levelLabels } from './labels.ts';
import { parseListen } from './listen.ts';
import { namedEntries } from './named-entries.ts';
import type { Report } from './problem.ts';
import type { References } from './references.ts';
import {
  budgetSchema,
  clockSchema,
  defaultsSchema,
  serverSchema,
  shutdownGraceSchema,
  stateDirSchema,
} from './sections.ts';
import { readTokens } from './tokens.ts';
import { isEmpty, type MapTree, mapScalars, type Tree } from './tree.ts';

/** What a configuration is made with. */
export interface BuildContext {
  readonly system: System;
  readonly kinds: readonly ProbeKind[];
  readonly report: Report;
  readonly references: References;
  /** A file could not be read, so what seems to be missing may be in it. */
  readonly incomplete: boolean;
  /** What the section `vault:` says: it was read before, to resolve references. */
  readonly vault?: VaultDefinition | undefined;
}

function withoutReferences(tree: Tree, references: References): Tree {
  return mapScalars(tree, (scalar) =>
    typeof scalar.value === 'string'
      ? { ...scalar, value: references.refuse(scalar.value, scalar.place) ?? scalar.value }
      : scalar,
  );
}

/** A section of settings; its defaults where it is empty or not there, or wrong, which has been reported. */
function readSettings<T>(
  content: MapTree,
  key: string,
  schema: z.ZodType<T>,
  empty: unknown,
  context: BuildContext,
): T {
  const { references, report } = context;
  const tree = content.entries.get(key)?.tree;
  const values =
    tree && !isEmpty(tree)
      ? checkTree({ schema, tree: withoutReferences(tree, references), label: key, report })
      : undefined;
  return values ?? schema.parse(empty);
}

function readBudgets(
  content: MapTree,
  builtIn: readonly string[],
  { report, references }: BuildContext,
): BudgetDefinition[] {
  const budgets = new Map<string, BudgetDefinition>();
  const add = (name: string, ratePerSecond: number, burst: number, reserveForTokens: number) =>
    budgets.set(name, { name, ratePerSecond, burst, reserveForTokens });
  for (const name of builtIn) add(name, 10, 10, 0);
  for (const [name, { tree: written, keyPlace }] of namedEntries(content, 'budgets', report)) {
    const label = `budgets.${name}`;
    const tree = withoutReferences(written, references);
    const values = checkTree({ schema: budgetSchema, tree, label, report });
    const burst = values?.burst ?? Math.max(1, Math.ceil(values?.rate ?? 1));
    const reserve = values?.reserve_for_tokens ?? 0;
    if (reserve >= burst)
      report(
        keyPlace,
        `${label} reserves ${reserve} of ${burst} for tokens; expected reserve_for_tokens to be less than burst`,
      );
    // A wrong one is known by its name all the same: its checks are not to blame.
    add(name, values?.rate ?? 1, burst, reserve);
  }
  return [...budgets.values()];
}

/** Makes the definitions of a merged configuration. All that is wrong is reported; the result is then not to be used. */
export function buildConfiguration(content: MapTree, context: BuildContext): Configuration {
  const { report, kinds } = context;
  const server = readSettings(content, 'server', serverSchema, {}, context);
  const defaults = readSettings(content, 'defaults', defaultsSchema, {}, context);
  const clock = readSettings(content, 'clock', clockSchema, {}, context);
  const builtIn = [
    'default',
    ...(clock.servers.length > 0 ? [timeBudgetName] : []),
    ...(content.entries.has('vault') ? [vaultBudgetName] : []),
  ];
  const budgets = readBudgets(content, builtIn, context);
  const entries = namedEntries(content, 'tokens', report);
  const tokens = readTokens(entries, defaults.timeout, { ...context, budgets });
  const checkContext = {
    ...context,
    budgets,
    kinds,
    tokens,
    tokenNames: entries.map(([name]) => name),
    defaults: { everyMs: defaults.every, timeoutMs: defaults.timeout },
  };
  const checks = namedEntries(content, 'checks', report).flatMap(([name, entry]): CheckDefinition[] => {
    const check = readCheck(name, entry, checkContext);
    return check ? [check] : [];
  });
  return {
    server: { ...(parseListen(server.listen) as HostPort), allowReload: server.allow_reload },
    stateDir: readSettings(content, 'state_dir', stateDirSchema, undefined, context),
    shutdownGraceMs: readSettings(content, 'shutdown_grace', shutdownGraceSchema, undefined, context),
    clock: {
      servers: distinctServers(clock.servers.map((address) => parseTimeServer(address) as HostPort)),
      everyMs: clock.every,
      toleranceMs: clock.tolerance,
      correctAssertions: clock.correct_assertions,
    },
    ...(context.vault && { vault: context.vault }),
    budgets,
    tokens,
    checks: levelLabels(checks),
  };
}

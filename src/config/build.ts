import type { BudgetDefinition, CheckDefinition, TokenDefinition } from '../model/check.ts';
import { timeBudgetName } from '../model/clock.ts';
import { compact } from '../model/compact.ts';
import { distinctServers, type HostPort, parseTimeServer } from '../model/host-port.ts';
import { type VaultDefinition, vaultBudgetName } from '../model/vault.ts';
import type { ProbeKind } from '../probes/probe.ts';
import type { Slices } from '../system/slices.ts';
import { checkTree } from './check-tree.ts';
import { readCheck } from './checks.ts';
import type { Configuration } from './configuration.ts';
import type { EntryContext } from './entry-context.ts';
import { levelLabels } from './labels.ts';
import { parseListen } from './listen.ts';
import { namedEntries } from './named-entries.ts';
import type { Report } from './problem.ts';
import {
  budgetSchema,
  clockSchema,
  defaultsSchema,
  keepRunsSchema,
  metricsSchema,
  serverSchema,
  shutdownGraceSchema,
  stateDirSchema,
} from './sections.ts';
import { readSettings, withoutReferences } from './settings.ts';
import { readStateEncryption } from './state-encryption.ts';
import { readTokens } from './tokens/tokens.ts';
import { keyPlaceAt, type MapTree, treeAt } from './yaml/tree.ts';

/** What a configuration is made with. */
export interface BuildContext extends Omit<EntryContext, 'budgets'> {
  readonly slices: Slices;
  readonly kinds: readonly ProbeKind[];
  /** The environment that was laid over. */
  readonly environment?: string | undefined;
  /** What the section `vault:` says: it was read before, to resolve references. */
  readonly vault?: VaultDefinition | undefined;
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
export async function buildConfiguration(content: MapTree, context: BuildContext): Promise<Configuration> {
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
  const checks: CheckDefinition[] = [];
  for (const [name, entry] of namedEntries(content, 'checks', report)) {
    const check = readCheck(name, entry, checkContext);
    if (check) checks.push(check);
    await context.slices.step();
  }
  const metrics = readSettings(content, 'metrics', metricsSchema, {}, context);
  if (metrics.environment_label) checkEnvironmentLabel(content, report);
  return compact({
    server: { ...(parseListen(server.listen) as HostPort), allowReload: server.allow_reload },
    stateDir: readSettings(content, 'state_dir', stateDirSchema, undefined, context),
    keepRuns: readSettings(content, 'keep_runs', keepRunsSchema, undefined, context),
    shutdownGraceMs: readSettings(content, 'shutdown_grace', shutdownGraceSchema, undefined, context),
    clock: {
      servers: distinctServers(clock.servers.map((address) => parseTimeServer(address) as HostPort)),
      everyMs: clock.every,
      toleranceMs: clock.tolerance,
      correctAssertions: clock.correct_assertions,
    },
    stateEncryption: readStateEncryption(content, context),
    environmentLabel: metrics.environment_label ? context.environment : undefined,
    uncertaintyShare: metrics.uncertainty_share,
    latencyBucketsSeconds: metrics.latency_buckets?.map((ms) => ms / 1000),
    vault: context.vault,
    budgets,
    tokens: withNeededScopes(tokens, checks),
    checks: levelLabels(checks),
  });
}

/** Each token with the scopes that checks need of it. */
function withNeededScopes(tokens: readonly TokenDefinition[], checks: readonly CheckDefinition[]): TokenDefinition[] {
  return tokens.map((token) => {
    const asking = checks.filter(({ token: name, needsScopes }) => name === token.name && needsScopes.length > 0);
    return { ...token, neededScopes: Object.fromEntries(asking.map(({ name, needsScopes }) => [name, needsScopes])) };
  });
}

/** Reports labels of checks that would stand beside the label of the same name that all metrics have. */
function checkEnvironmentLabel(content: MapTree, report: Report): void {
  for (const [name, { tree }] of namedEntries(content, 'checks', () => {}))
    if (treeAt(tree, ['labels', 'environment']))
      report(
        keyPlaceAt(tree, ['labels', 'environment']),
        `checks.${name}.labels.environment is the label that metrics.environment_label sets; expected one of them`,
      );
}

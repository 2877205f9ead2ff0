import { createAssembly, type Prepared } from './assembly.ts';
import { namesOfSameTokens } from './auth/source/succeeding-source.ts';
import { createTokenFileStore } from './auth/store/token-file-store.ts';
import type { Configuration } from './config/configuration.ts';
import { type LoadedConfiguration, loadConfiguration, type RefusedConfiguration } from './config/load.ts';
import { formatProblem, type Problem } from './config/problem.ts';
import { type ParseFile, parseAtStart, parseWhileRunning } from './config/yaml/parse-sources.ts';
import { createDoors } from './doors.ts';
import { createEngine } from './engine/engine.ts';
import { watchForChange } from './engine/watch-for-change.ts';
import { lendToken } from './lend-token.ts';
import { loadWhatCanBeUsed } from './load-what-can-be-used.ts';
import { loginDesk } from './login-desk.ts';
import { skewViewOf, timeBudgetName } from './model/clock.ts';
import { compact } from './model/compact.ts';
import { sameData } from './model/same-data.ts';
import { TokenStoreError } from './model/token.ts';
import { vaultBudgetName } from './model/vault.ts';
import { namedOrigins } from './named-origins.ts';
import { createReloading } from './reloading.ts';
import type { SecretSources } from './secrets/resolution.ts';
import { createSecretSources } from './secrets/secret-sources.ts';
import { createAuditLog } from './sinks/audit-log.ts';
import { createClockLog } from './sinks/clock-log.ts';
import { createHistory } from './sinks/history.ts';
import type { Log } from './sinks/log.ts';
import { createPrometheusSink } from './sinks/prometheus.ts';
import { createLogSink } from './sinks/run-log.ts';
import { createSecretLog } from './sinks/secret-log.ts';
import { createClockMonitor } from './skew/monitor.ts';
import { createNtpServer } from './skew/ntp-server.ts';
import { takeStateFolder } from './system/state-folder.ts';
import type { System } from './system/system.ts';
import { version } from './version.ts';
import { createWebApp } from './web/app.ts';
import { startControlSocket, startWeb } from './web/listen.ts';
import type { ReloadStatus } from './web/views.ts';

export interface DaemonOptions {
  /** Files and folders of the configuration. */
  readonly paths: readonly string[];
  /** Name of the environment that is laid over. */
  readonly environment?: string;
  /** Instead of `server.listen`. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Instead of `state_dir`. */
  readonly stateDir?: string;
}

export interface Daemon {
  /** As bound: with the real port where 0 was asked for. */
  readonly address: { readonly host: string; readonly port: number };
  /** How many checks run. */
  readonly checks: number;
  /** Loads the configuration anew; one that is wrong leaves the old one running. */
  reload(): Promise<ReloadStatus>;
  /** Begins no more runs, lets those under way end within `shutdown_grace`, and closes everything. */
  stop(): Promise<void>;
}

/** Thrown for a configuration that cannot be started with; the message has a line for each problem. */
export class ConfigurationRefused extends Error {
  readonly code = 'CONFIGURATION';

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
  }
}

/** A configuration whose checks are bound. */
interface PreparedConfiguration extends LoadedConfiguration {
  readonly prepared: Prepared;
}

/** How often the configuration's files, and the secrets that they refer to, are read again. */
const lookMs = 2_000;

/**
 * Wires all rooms into the running daemon. Throws `ConfigurationRefused`, `StateFolderError` or `ListenError`; nothing
 * is left open then.
 */
export async function startDaemon(system: System, options: DaemonOptions, log: Log): Promise<Daemon> {
  const { clock } = system;
  const warn = (sentence: string) => log.warn({}, sentence);
  const history = createHistory();
  const prometheus = createPrometheusSink({
    version,
    wallMs: clock.wallMs,
    clockVerdict: () => clocks.verdict(),
    budgetLevels: () => doors.limiter.budgets().map((budget) => ({ name: budget.name, level: budget.level() })),
    secrets: () => secrets.standings(),
  });

  await using starting = new AsyncDisposableStack();
  const doors = createDoors(system, prometheus.granted);
  starting.defer(doors.close);
  const { mask } = doors.masker;
  const audit = createAuditLog(log, mask);
  const report = createSecretLog(log);
  const budget = doors.limiter.budget(vaultBudgetName);
  const secrets = createSecretSources({ ...doors, system, version, budget, audit, report, warn });
  starting.defer(secrets.close);
  const loadFrom = (sources: SecretSources, parse: ParseFile) =>
    loadConfiguration(
      system,
      options.paths,
      compact({ environment: options.environment, unresolved: 'error' as const, secrets: sources, parse }),
    );
  const first = await loadFrom(secrets, parseAtStart);
  if (!first.ok) throw new ConfigurationRefused(first.problems);

  const stateDir = options.stateDir ?? first.configuration.stateDir;
  const folder = await takeStateFolder(system.files, stateDir);
  starting.defer(folder.release);

  const store = createTokenFileStore(system, stateDir, first.configuration.stateEncryption);
  const sinks = [prometheus, history, createLogSink(log)];
  const assembly = createAssembly({
    system,
    version,
    doors,
    store,
    reportToken: (result) => {
      for (const sink of sinks) sink.recordToken(result);
    },
    warn,
    tellRest: warn,
    skew: () => skewViewOf(clocks.verdict()),
    sawDate: (origin, sighting) => clocks.sawDate(origin, sighting),
  });
  starting.defer(assembly.close);
  const clocks = createClockMonitor({
    ...createClockLog(log),
    clock,
    createServer(options, changed) {
      const budget = doors.limiter.budget(timeBudgetName);
      return createNtpServer({ system, datagrams: assembly.datagrams, budget, changed }, options);
    },
  });
  starting.defer(async () => clocks.stop());
  const engine = createEngine({
    ...assembly.runPorts,
    report: (result) => {
      for (const sink of sinks) sink.record(result);
    },
  });
  starting.defer(() => engine.stop(0));

  /** A configuration that no checks can be made of is refused like any other. */
  const prepare = async (loaded: LoadedConfiguration): Promise<PreparedConfiguration | RefusedConfiguration> => {
    const prepared = await assembly.prepare(loaded.configuration, loaded.secrets);
    if ('commit' in prepared) return { ...loaded, prepared };
    const { environments, hasChanged } = loaded;
    return { ok: false, problems: prepared, environments, hasChanged };
  };
  const loadWhole = async (sources: SecretSources) => {
    const loaded = await loadFrom(sources, parseWhileRunning);
    return loaded.ok ? prepare(loaded) : loaded;
  };
  const load = () => loadWhatCanBeUsed(loadWhole, secrets);
  const firstPrepared = await prepare(first);
  if (!firstPrepared.ok) throw new ConfigurationRefused(firstPrepared.problems);

  const takeKeys = async ({ stateEncryption }: Configuration): Promise<readonly Problem[]> => {
    if (sameData(stateEncryption, reloading.current().stateEncryption)) return [];
    try {
      await store.useKeys(stateEncryption);
      return [];
    } catch (error) {
      if (error instanceof TokenStoreError) return [{ message: error.message }];
      throw error;
    }
  };
  const takeOver = async (loaded: PreparedConfiguration): Promise<readonly Problem[]> => {
    const keyProblems = await takeKeys(loaded.configuration);
    if (keyProblems.length > 0) return keyProblems;
    const tokenNames = loaded.configuration.tokens.map(({ name }) => name);
    prometheus.configure(loaded.configuration);
    history.configure(loaded.configuration);
    prometheus.syncBudgets(loaded.configuration.budgets.map(({ name }) => name));
    for (const sink of [prometheus, history]) {
      // What stands for another token than before begins with nothing that was said of that one.
      sink.syncTokens(namesOfSameTokens(reloading.current().tokens, loaded.configuration.tokens));
      sink.syncTokens(tokenNames);
    }
    const checks = loaded.prepared.commit();
    const identities = checks.map(({ identity }) => identity);
    prometheus.syncChecks(identities);
    history.syncChecks(identities);
    clocks.configure(loaded.configuration.clock, namedOrigins(loaded.configuration.tokens, identities));
    engine.configure(checks);
    secrets.adopt(loaded.effective.resolutions);
    for (const warning of loaded.warnings) log.warn({}, formatProblem(warning));
    return [];
  };
  const reloaded = (successful: boolean) => {
    prometheus.reloaded(successful);
    if (!successful) secrets.refused();
  };
  const reloading = createReloading(first, { clock, log, audit, mask, load, takeOver, reloaded });

  let ready = false;
  const app = createWebApp({
    version,
    history,
    checks: engine.reports,
    tokens: () => assembly.tokens().map(({ definition }) => definition.name),
    reloadStatus: reloading.status,
    reloadAllowed: () => reloading.current().server.allowReload,
    reload: reloading.reload,
    ready: () => ready,
    heartbeatAgeMs: engine.heartbeatAgeMs,
    metrics: prometheus.render,
    lendToken: (name, identity) => lendToken(assembly.tokens(), { name, identity }, clock.monotonicMs),
    loginDesk: (name) => loginDesk(assembly.tokens(), name, { clock, store, audit }),
    clockVerdict: clocks.verdict,
    secrets: secrets.standings,
    wallMs: clock.wallMs,
    onError: (error) => log.error({ error: mask(String(error)) }, 'an answer of the web broke; this is a bug in sonde'),
  });
  // Before anything is asked of anyone: a port that is taken must not cost a refresh token.
  const web = await startWeb({ system, ...(options.listen ?? first.configuration.server), app });
  starting.defer(web.close);
  const control = await startControlSocket({ system, path: folder.socketPath, app });
  starting.defer(control.close);

  const problems = await takeOver(firstPrepared);
  if (problems.length > 0) throw new ConfigurationRefused(problems);
  ready = true;
  const watch = watchForChange(clock, lookMs, reloading.hasChanged, () => reloading.reload('a change'));
  starting.defer(watch.stop);

  const running = starting.move();
  return {
    address: web.address,
    checks: first.configuration.checks.length,
    reload: () => reloading.reload('a signal'),
    async stop() {
      ready = false;
      watch.stop();
      // One that is under way would begin token runs after the lock is gone.
      const lastReload = reloading.close();
      secrets.stop();
      await lastReload;
      const graceMs = reloading.current().shutdownGraceMs;
      await Promise.all([engine.stop(graceMs), assembly.stopTokens(graceMs)]);
      await running.disposeAsync();
    },
  };
}

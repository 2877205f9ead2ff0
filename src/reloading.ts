import type { Configuration } from './config/configuration.ts';
import type { LoadedConfiguration, RefusedConfiguration } from './config/load.ts';
import { formatProblem, type Problem } from './config/problem.ts';
import type { Audit } from './model/audit.ts';
import type { Log } from './sinks/log.ts';
import type { Clock } from './system/clock.ts';
import type { ReloadStatus } from './web/views.ts';

/** `Loaded` is what can be taken over. */
export interface ReloadingPorts<Loaded extends LoadedConfiguration> {
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  /** Takes every known secret out of a text. */
  mask(text: string): string;
  load(): Promise<Loaded | RefusedConfiguration>;
  /** Takes a configuration over, whole or not at all: its problems when not. */
  takeOver(loaded: Loaded): Promise<readonly Problem[]>;
  /** Told how each reload ended. */
  reloaded(successful: boolean): void;
}

/** Keeps the configuration that runs. */
export interface Reloading {
  /** The one that runs. */
  current(): Configuration;
  /** How the last reload ended. */
  status(): ReloadStatus;
  /** Whether files or secrets are no longer what the last reload, a failed one too, was made of. */
  hasChanged(): Promise<boolean>;
  /**
   * Loads anew; a configuration that is wrong leaves the old one running. One at a time: those that are called for while
   * one is under way are one, after it. `by` says who wanted it.
   */
  reload(by: string): Promise<ReloadStatus>;
  /** Takes nothing over any more; resolves when a reload that is under way has ended. */
  close(): Promise<void>;
}

export function createReloading<Loaded extends LoadedConfiguration>(
  first: Pick<Loaded, 'configuration' | 'hasChanged'>,
  { clock, log, audit, mask, load, takeOver, reloaded }: ReloadingPorts<Loaded>,
): Reloading {
  let running = first.configuration;
  /** Of the last load. What it was made of is not kept: that may be megabytes. */
  let { hasChanged } = first;
  let status: ReloadStatus = { successful: true, atMs: clock.wallMs(), problems: [] };
  let underWay: Promise<ReloadStatus> = Promise.resolve(status);
  /** The one that comes after it, and who wanted that. */
  let next: { readonly by: Set<string>; readonly end: Promise<ReloadStatus> } | undefined;
  let closed = false;

  const adopt = ({ configuration }: LoadedConfiguration) => {
    log.info({ checks: configuration.checks.length }, 'the configuration was reloaded');
    for (const sentence of needsRestart(running, configuration)) log.warn({}, sentence);
    running = configuration;
  };
  const attempt = async (): Promise<readonly Problem[]> => {
    const loaded = await load();
    hasChanged = loaded.hasChanged;
    if (!loaded.ok) return loaded.problems;
    if (closed) return [];
    const problems = await takeOver(loaded);
    if (problems.length === 0) adopt(loaded);
    return problems;
  };
  const reloadOnce = async (by: ReadonlySet<string>) => {
    next = undefined;
    if (closed) return status;
    const problems = await attempt().catch((bug: unknown) => [{ message: `a bug in sonde: ${mask(`${bug}`)}` }]);
    const sentences = problems.map(formatProblem);
    if (problems.length > 0) log.error({ problems: sentences }, 'the configuration is wrong; what ran before goes on');
    status = { successful: problems.length === 0, atMs: clock.wallMs(), problems: sentences };
    reloaded(status.successful);
    audit('reload', { who: [...by], outcome: status.successful ? 'done' : 'failed' });
    return status;
  };
  return {
    current: () => running,
    status: () => status,
    hasChanged: () => hasChanged(),
    reload(by) {
      if (closed) return underWay;
      if (!next) {
        const callers = new Set<string>();
        underWay = underWay.then(() => reloadOnce(callers));
        next = { by: callers, end: underWay };
      }
      next.by.add(by);
      return next.end;
    },
    async close() {
      closed = true;
      await underWay;
    },
  };
}

/** What a reload cannot change while the process runs. */
function needsRestart(before: Configuration, after: Configuration): string[] {
  const changed = [
    ...(before.server.host !== after.server.host || before.server.port !== after.server.port ? ['server.listen'] : []),
    ...(before.stateDir !== after.stateDir ? ['state_dir'] : []),
  ];
  return changed.map((key) => `\`${key}\` has changed; that takes effect when sonde is started again`);
}

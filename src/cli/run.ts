import { listenExpectation, parseHostPort } from '../config/listen.ts';
import { ConfigurationRefused, type Daemon, startDaemon } from '../daemon.ts';
import { compact } from '../model/compact.ts';
import { createLog, type Log, parseLogLevel } from '../sinks/log.ts';
import { createLogDestination } from '../sinks/log-destination.ts';
import { StateFolderError } from '../state-folder.ts';
import type { System } from '../system/system.ts';
import { version } from '../version.ts';
import { ListenError } from '../web/listen.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { Refused } from './refused.ts';

export interface RunOptions {
  /** `HOST:PORT`, instead of `server.listen`. */
  readonly listen?: string;
  readonly stateDir?: string;
  readonly env?: string;
  /** Whether standard output is a terminal: people then get lines, machines JSON. */
  readonly terminal: boolean;
  readonly colour: boolean;
}

/** What the operating system tells a running command. */
export interface Signals {
  /** SIGHUP. */
  onReload(callback: () => void): void;
  /** SIGTERM or SIGINT; called for each. */
  onStop(callback: () => void): void;
}

/** `sonde run`: the daemon, until it is told to stop. A second signal ends it at once. Throws `Refused`. */
export async function run(
  system: System,
  signals: Signals,
  paths: readonly string[],
  { listen, stateDir, env, terminal, colour }: RunOptions,
): Promise<ExitCode> {
  const level = parseLogLevel(system.environment('SONDE_LOG_LEVEL') ?? 'info');
  if (!level) throw new Refused('SONDE_LOG_LEVEL is none of debug, info, warn, error, silent.', exitCode.wrongInput);
  const address = listen === undefined ? undefined : parseHostPort(listen);
  if (listen !== undefined && !address)
    throw new Refused(`--listen ${listen} is no address; ${listenExpectation}.`, exitCode.wrongInput);

  const destination = createLogDestination(1);
  const format = terminal ? 'terminal' : 'json';
  const log = createLog({ level, format, colour, destination, wallMs: system.clock.wallMs });
  try {
    const daemon = await startDaemon(system, compact({ paths, environment: env, listen: address, stateDir }), log);
    return await attend(daemon, signals, log, paths);
  } catch (error) {
    if (error instanceof ConfigurationRefused) throw new Refused(error.message, exitCode.wrongInput);
    if (error instanceof StateFolderError || error instanceof ListenError)
      throw new Refused(error.message, exitCode.ownFailure);
    throw error;
  } finally {
    await destination.close();
  }
}

/** Waits for signals; resolves when the daemon has ended. */
async function attend(daemon: Daemon, signals: Signals, log: Log, paths: readonly string[]): Promise<ExitCode> {
  const { host, port } = daemon.address;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  const where = `http://${shownHost}:${port}/`;
  log.info(
    { version, checks: daemon.checks, paths, address: where },
    `sonde ${version} runs ${daemon.checks} ${daemon.checks === 1 ? 'check' : 'checks'}; ${where}`,
  );

  return new Promise((resolve) => {
    let stopping = false;
    signals.onReload(() => void daemon.reload());
    signals.onStop(() => {
      if (stopping) return resolve(exitCode.ownFailure);
      stopping = true;
      log.info({}, 'sonde is stopping: no new runs; those under way may end');
      void daemon.stop().then(() => {
        log.info({}, 'sonde has stopped');
        resolve(exitCode.well);
      });
    });
  });
}

import { listenExpectation, parseListen } from '../config/listen.ts';
import { ConfigurationRefused, type Daemon, startDaemon } from '../daemon.ts';
import { compact } from '../model/compact.ts';
import { createLog, type Log, parseLogLevel } from '../sinks/log.ts';
import { createLogDestination } from '../sinks/log-destination.ts';
import { StateFolderError } from '../system/state-folder.ts';
import type { System } from '../system/system.ts';
import { version } from '../version.ts';
import { ListenError } from '../web/listen.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { Refused } from './refused.ts';
import type { Signals } from './signals.ts';

export interface RunOptions {
  /** `HOST:PORT`, instead of `server.listen`. */
  readonly listen?: string;
  readonly stateDir?: string;
  readonly env?: string;
  /** Whether standard output is a terminal: people then get lines, machines JSON. */
  readonly terminal: boolean;
  readonly colour: boolean;
}

/** `sonde run`: the daemon, until it is told to stop. Throws `Refused`. */
export async function run(
  system: System,
  signals: Signals,
  paths: readonly string[],
  { listen, stateDir, env, terminal, colour }: RunOptions,
): Promise<ExitCode> {
  const level = parseLogLevel(system.environment('SONDE_LOG_LEVEL') ?? 'info');
  if (!level) throw new Refused('SONDE_LOG_LEVEL is none of debug, info, warn, error, silent.', exitCode.wrongInput);
  const address = listen === undefined ? undefined : parseListen(listen);
  if (listen !== undefined && !address)
    throw new Refused(`--listen ${listen} is no address; ${listenExpectation}.`, exitCode.wrongInput);

  const destination = createLogDestination(process.stdout, system.clock);
  const format = terminal ? 'terminal' : 'json';
  const log = createLog({ level, format, colour, destination, wallMs: system.clock.wallMs });
  try {
    const options = compact({ paths, environment: env, listen: address, stateDir });
    const daemon = await startDaemon(system, options, log);
    announce(daemon, log, paths);
    await untilStopped(daemon, signals, log);
    return exitCode.well;
  } catch (error) {
    if (error instanceof ConfigurationRefused) throw new Refused(error.message, exitCode.wrongInput);
    if (error instanceof StateFolderError || error instanceof ListenError)
      throw new Refused(error.message, exitCode.ownFailure);
    throw error;
  } finally {
    await destination.close();
  }
}

function announce({ address: { host, port }, checks }: Daemon, log: Log, paths: readonly string[]): void {
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  const count = `${checks} ${checks === 1 ? 'check' : 'checks'}`;
  log.info({ version, checks, paths, address }, `sonde ${version} runs ${count}; ${address}`);
}

async function untilStopped(daemon: Daemon, signals: Signals, log: Log): Promise<void> {
  signals.onReload(() => void daemon.reload());
  await new Promise<void>((resolve) => signals.onStop(resolve));
  log.info({}, 'sonde is stopping: no new runs; those under way may end');
  await daemon.stop();
  log.info({}, 'sonde has stopped');
}

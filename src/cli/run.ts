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
  const address = listen === undefined ? undefined : parseListen(listen);
  if (listen !== undefined && !address)
    throw new Refused(`--listen ${listen} is no address; ${listenExpectation}.`, exitCode.wrongInput);

  const destination = createLogDestination(process.stdout, system.clock);
  const format = terminal ? 'terminal' : 'json';
  const log = createLog({ level, format, colour, destination, wallMs: system.clock.wallMs });
  // From now on, so that a signal during the start is not lost to the system's default: ending at once.
  const wishes = listenFor(signals);
  try {
    const options = compact({ paths, environment: env, listen: address, stateDir });
    const served = startDaemon(system, options, log).then((daemon) => attend(daemon, wishes, log, paths));
    return await Promise.race([served, wishes.hurry]);
  } catch (error) {
    if (error instanceof ConfigurationRefused) throw new Refused(error.message, exitCode.wrongInput);
    if (error instanceof StateFolderError || error instanceof ListenError)
      throw new Refused(error.message, exitCode.ownFailure);
    throw error;
  } finally {
    await destination.close();
  }
}

/** What the signals have asked for so far. */
interface Wishes {
  /** Reloads from now on when that is asked for. */
  reloadBy(reload: () => Promise<unknown>): void;
  /** Resolves with the first wish to stop. */
  readonly stop: Promise<void>;
  /** Resolves with the second, with what to exit with. */
  readonly hurry: Promise<ExitCode>;
}

function listenFor(signals: Signals): Wishes {
  const stop = Promise.withResolvers<void>();
  const hurry = Promise.withResolvers<ExitCode>();
  let stops = 0;
  let reload = async (): Promise<unknown> => undefined;
  signals.onReload(() => void reload());
  signals.onStop(() => {
    stops += 1;
    if (stops === 1) stop.resolve();
    else hurry.resolve(exitCode.ownFailure);
  });
  return {
    reloadBy(callback) {
      reload = callback;
    },
    stop: stop.promise,
    hurry: hurry.promise,
  };
}

function announce({ address: { host, port }, checks }: Daemon, log: Log, paths: readonly string[]): void {
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  const count = `${checks} ${checks === 1 ? 'check' : 'checks'}`;
  log.info({ version, checks, paths, address }, `sonde ${version} runs ${count}; ${address}`);
}

/** Runs until it is told to stop; resolves when the daemon has ended well. */
async function attend(daemon: Daemon, wishes: Wishes, log: Log, paths: readonly string[]): Promise<ExitCode> {
  announce(daemon, log, paths);
  wishes.reloadBy(daemon.reload);
  await wishes.stop;
  log.info({}, 'sonde is stopping: no new runs; those under way may end');
  await daemon.stop();
  log.info({}, 'sonde has stopped');
  return exitCode.well;
}

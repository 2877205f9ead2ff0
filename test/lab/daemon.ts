import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The real sonde as a process of its own, writing to this terminal. */
export interface Daemon {
  /** Settles when it has ended, with its exit code or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Has it drain. */
  drain(): void;
  /** Ends it at once. */
  kill(): void;
}

/** Starts `sonde run` with these arguments; the environment is added to this process's own. */
export function startDaemon(args: readonly string[], environment: Readonly<Record<string, string>>): Daemon {
  // Detached: a Ctrl-C of the terminal then reaches the lab alone, which passes it on once. Two would end sonde hard.
  const child = spawn(process.execPath, ['src/main.ts', 'run', ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | NodeJS.Signals>();
  child.on('error', reject);
  child.on('exit', (code, signal) => resolve(signal ?? code ?? 0));
  return { ended, drain: () => void child.kill('SIGTERM'), kill: () => void child.kill('SIGKILL') };
}

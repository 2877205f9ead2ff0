import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface SondeProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the first line of standard output that fits, of those there are or those to come. */
  line(fits: RegExp): Promise<string>;
  /** The same, of those to come. */
  nextLine(fits: RegExp): Promise<string>;
}

interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the test writes to standard input; without it that is at its end. */
  readonly input?: boolean;
  /** A command that runs the command behind it. */
  readonly through?: readonly string[];
}

/** Starts `sonde` as a process of its own; it is killed after the test, should it still run. */
export function startSonde(
  args: readonly string[],
  { cwd, env, input, through = [] }: ProcessOptions = {},
): SondeProcess {
  const [command = process.execPath, ...rest] = [...through, process.execPath, main, ...args];
  const child = spawn(command, rest, {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (!input) child.stdin.end();
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  let err = '';
  const looking = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
    for (const look of looking) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  const firstLine = (fits: RegExp, from: number) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = out
          .slice(from, out.lastIndexOf('\n') + 1)
          .split('\n')
          .find((line) => fits.test(line));
        if (found === undefined) return;
        looking.delete(look);
        resolve(found);
      };
      looking.add(look);
      void ended.then(() => reject(new Error(`sonde ended before a line matched ${fits}:\n${out}${err}`)));
      look();
    });
  return {
    child,
    ended,
    line: (fits) => firstLine(fits, 0),
    nextLine: (fits) => firstLine(fits, out.length),
  };
}

/** Runs `sonde` to its end. */
export function sonde(args: readonly string[], options: ProcessOptions = {}): Promise<Ended> {
  return startSonde(args, options).ended;
}

import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';

/** Who gets which core where there are two or more: what is measured, and everything that it talks to. */
export const cores = { measured: cpus().length > 1 ? 1 : 0, counterpart: 0 } as const;

/** Starts a process on one core. */
export function spawnOn(core: number, command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn('taskset', ['--cpu-list', String(core), command, ...args], options);
}

/** Keeps this process, and what it starts from now on, away from the core of what is measured. */
export function pinSelf(): void {
  const core = String(cores.counterpart);
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', core, String(process.pid)], { stdio: 'ignore' });
}

/** Clock ticks a second in `/proc/PID/stat`: fixed for user space on Linux. */
const ticksPerSecond = 100;

/** User and system time of the whole process so far, in milliseconds, in steps of 10. */
export async function cpuMs(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The command's name, in parentheses, may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** Resident memory of a process, in MiB. */
export async function residentMiB(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1]) / 1024;
}

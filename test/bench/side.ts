import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cores, spawnOn } from './cores.ts';

/** Numbers by name, as a side prints them: its one line of JSON. */
export type Readings = Readonly<Record<string, number>>;

/** Runs a file of this folder as a process of its own on the core of what is measured, and reads what it prints. */
export async function runSide(file: string, args: readonly (string | number)[]): Promise<Readings> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawnOn(cores.measured, process.execPath, [path, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${file} ended with ${code}`);
  return JSON.parse(text);
}

/** User and system time of this process since `since`, in microseconds. */
export function cpuSinceUs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

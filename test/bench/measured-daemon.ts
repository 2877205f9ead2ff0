import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer as createProbe } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cores, spawnOn } from './cores.ts';

/** A daemon that is measured, as a process of its own. */
export interface MeasuredDaemon {
  readonly pid: number;
  readonly address: string;
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const probe = createProbe().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

/** The text of `/metrics`; undefined while nobody answers. */
export async function scrape(address: string): Promise<string | undefined> {
  try {
    return await (await fetch(`${address}/metrics`)).text();
  } catch {
    return undefined;
  }
}

/** Starts a built program on the core of what is measured, measures, and ends it. */
export async function withDaemon<T>(
  program: string,
  yaml: string,
  measure: (daemon: MeasuredDaemon) => Promise<T>,
  environment: Readonly<Record<string, string>> = {},
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-bench-'));
  const file = join(folder, 'sonde.yaml');
  await writeFile(file, yaml);
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const args = [program, 'run', file, '--listen', `127.0.0.1:${port}`, '--state-dir', join(folder, 'state')];
  const child = spawnOn(cores.measured, process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', ...environment },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('taskset is not installed');
  const ended = once(child, 'exit');
  try {
    while ((await scrape(address)) === undefined) {
      if (child.exitCode !== null) throw new Error(`sonde ended with ${child.exitCode}`);
      await sleep(20);
    }
    return await measure({ pid, address });
  } finally {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** A configuration of plain HTTP checks, each of which asks for a path of its own. */
export function checksAt(target: string, checks: number, every: string): string {
  const indices = Array.from({ length: checks }, (_, index) => index);
  const budgets = 'budgets:\n  default:\n    rate: 20000/s\n    burst: 20000\n';
  return `${budgets}checks:\n${indices.map((index) => `  c${index}: { every: ${every}, http: ${target}/${index} }\n`).join('')}`;
}

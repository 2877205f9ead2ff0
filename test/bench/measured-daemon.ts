import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer as createProbe } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A daemon that is measured, as a process of its own. */
export interface MeasuredDaemon {
  readonly child: ChildProcess;
  readonly address: string;
  /** From the start of the process to its first answered scrape. */
  readonly coldStartMs: number;
}

async function freePort(): Promise<number> {
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

/** Starts a daemon, measures, and ends it. */
export async function withDaemon<T>(
  yaml: string,
  measure: (daemon: MeasuredDaemon) => Promise<T>,
  environment: Readonly<Record<string, string>> = {},
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-bench-'));
  const file = join(folder, 'sonde.yaml');
  await writeFile(file, yaml);
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const startedAtMs = performance.now();
  const args = [main, 'run', file, '--listen', `127.0.0.1:${port}`, '--state-dir', join(folder, 'state')];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  });
  try {
    while ((await scrape(address)) === undefined) {
      if (child.exitCode !== null) throw new Error(`sonde ended with ${child.exitCode}`);
      await sleep(2);
    }
    return await measure({ child, address, coldStartMs: performance.now() - startedAtMs });
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createProbe } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/**
 * `npm run bench`: sonde's own figures on this machine, from the running daemon. The target answers from this process;
 * nothing is asked but loopback, and each measurement ends by itself.
 */
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const rounds = 5;

interface Measured {
  readonly child: ChildProcess;
  readonly address: string;
  /** From the start of the process to its first answered scrape. */
  readonly coldStartMs: number;
}

const say = (line: string) => void process.stdout.write(`${line}\n`);
const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
const median = (values: readonly number[]) => sorted(values)[Math.floor(values.length / 2)] ?? Number.NaN;

async function freePort(): Promise<number> {
  const probe = createProbe().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

async function scrape(address: string): Promise<string | undefined> {
  try {
    return await (await fetch(`${address}/metrics`)).text();
  } catch {
    return undefined;
  }
}

function configurationOf(count: number, every: string, target: string): string {
  const checks = Array.from(
    { length: count },
    (_, index) => `  check-${index}:\n    every: ${every}\n    http: ${target}\n`,
  );
  return `budgets:\n  default:\n    rate: 10000/s\n    burst: 10000\nchecks:\n${checks.join('')}`;
}

/** Starts a daemon, measures, and ends it. */
async function withDaemon<T>(yaml: string, measure: (daemon: Measured) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-bench-'));
  const file = join(folder, 'sonde.yaml');
  await writeFile(file, yaml);
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const startedAtMs = performance.now();
  const args = [main, 'run', file, '--listen', `127.0.0.1:${port}`, '--state-dir', join(folder, 'state')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
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

async function residentMiB({ child }: Measured): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** The share `q` of a histogram of the text format, between the bounds of its bucket as Prometheus would guess it. */
function quantile(text: string, name: string, q: number): number {
  const buckets = [...text.matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\d+)`, 'gm'))].map(
    ([, bound, count]) => ({
      bound: Number(bound === '+Inf' ? Number.POSITIVE_INFINITY : bound),
      count: Number(count),
    }),
  );
  const wanted = q * (buckets.at(-1)?.count ?? 0);
  let below = { bound: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= wanted) {
      const share = (wanted - below.count) / (bucket.count - below.count || 1);
      return below.bound + (bucket.bound - below.bound) * share;
    }
    below = bucket;
  }
  return Number.NaN;
}

const target = createServer((_, response) => response.end('{"ok":true}')).listen(0, '127.0.0.1');
await once(target, 'listening');
const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/health`;

say(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`);

const coldStarts: number[] = [];
for (let round = 0; round < rounds; round++)
  coldStarts.push(await withDaemon(configurationOf(10, '10s', url), async ({ coldStartMs }) => coldStartMs));
const [fastest, slowest] = [Math.min(...coldStarts), Math.max(...coldStarts)];
say(
  `cold start to first scrape, 10 checks: median ${median(coldStarts).toFixed(0)} ms (${fastest.toFixed(0)} to ${slowest.toFixed(0)}, ${rounds} starts)`,
);

for (const count of [10, 1000]) {
  const resident = await withDaemon(configurationOf(count, '10s', url), async (daemon) => {
    await sleep(30_000);
    return residentMiB(daemon);
  });
  say(`resident after 30 s, ${count} checks at 10 s: ${resident.toFixed(0)} MiB`);
}

const lateness = await withDaemon(configurationOf(200, '1s', url), async ({ address }) => {
  await sleep(60_000);
  return (await scrape(address)) ?? '';
});
const [p50, p99] = [0.5, 0.99].map((q) => (quantile(lateness, 'sonde_schedule_lateness_seconds', q) * 1000).toFixed(2));
const runs = /^sonde_schedule_lateness_seconds_count (\d+)/m.exec(lateness)?.[1];
const skipped = [...lateness.matchAll(/^sonde_runs_total\{.*outcome="skipped".*\} (\d+)/gm)].reduce(
  (sum, [, n]) => sum + Number(n),
  0,
);
say(`lateness, 200 checks at 1 s over a minute: p50 ${p50} ms, p99 ${p99} ms (${runs} runs, ${skipped} skipped)`);
target.close();

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Bench, BenchPorts, Figure } from './bench-figure.ts';
import { cores, cpuMs, spawnOn } from './cores.ts';

const sizes = [1_000, 10_000];
/** The first run of a check with a long interval comes within a minute; then all is quiet but for what is measured. */
const settleMs = 62_000;
const pauseMs = 300;
/** A file of the configuration may have 1 MiB. */
const checksOfFile = 5_000;

const metrics = '/metrics';
const paths = [metrics, '/api/v1/checks', '/'] as const;
type Path = (typeof paths)[number];

interface Running {
  readonly checks: number;
  readonly child: ChildProcess;
  readonly origin: string;
}

interface Answered {
  readonly tookMs: number;
  readonly cpuMs: number;
  readonly stallMs: number;
  readonly wireKiB: number;
  readonly textKiB: number;
  /** Of one check on the average. */
  readonly series: number;
}

async function filesOf(folder: string, count: number, target: string): Promise<string> {
  const budgets = 'budgets:\n  default:\n    rate: 20000/s\n    burst: 20000\n';
  await writeFile(join(folder, 'budgets.yaml'), budgets);
  for (let first = 0; first < count; first += checksOfFile) {
    const indices = Array.from({ length: Math.min(checksOfFile, count - first) }, (_, at) => first + at);
    const checks = indices.map((index) => `  check-${index}:\n    every: 1h\n    http: ${target}/v1/${index}\n`);
    await writeFile(join(folder, `checks-${first}.yaml`), `checks:\n${checks.join('')}`);
  }
  return folder;
}

async function ask(url: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const asked = get(url, { headers: { 'accept-encoding': 'gzip' }, agent: false }, (response) => {
    buffer(response).then(resolve, reject);
  });
  asked.on('error', reject);
  return promise;
}

async function begin(program: string, folder: string, checks: number, target: string): Promise<Running> {
  const own = await mkdtemp(join(folder, 'sonde-'));
  const configuration = await filesOf(await mkdtemp(join(folder, 'checks-')), checks, target);
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  const watch = fileURLToPath(new URL('loop-watch.ts', import.meta.url));
  const listen = ['--listen', `127.0.0.1:${port}`, '--state-dir', join(own, 'state')];
  const child = spawnOn(
    cores.measured,
    process.execPath,
    ['--import', watch, program, 'run', configuration, ...listen],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const origin = `http://127.0.0.1:${port}`;
  for (;;) {
    const isReady = await fetch(`${origin}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return { checks, child, origin };
    if (child.exitCode !== null) throw new Error(`sonde ended with ${child.exitCode}`);
    await sleep(50);
  }
}

/** The longest stall of the loop since it was asked for before. */
async function stallMs({ child }: Running): Promise<number> {
  child.send('stall');
  const [ms] = await once(child, 'message');
  return ms;
}

async function measure(running: Running, path: Path): Promise<Answered> {
  const { child, origin, checks } = running;
  await sleep(pauseMs);
  await stallMs(running);
  const cpuBeforeMs = await cpuMs(child.pid as number);
  const sinceMs = performance.now();
  const wire = await ask(`${origin}${path}`);
  const tookMs = performance.now() - sinceMs;
  const cpu = (await cpuMs(child.pid as number)) - cpuBeforeMs;
  const text = gunzipSync(wire).toString();
  const series = (text.match(/^\w+\{.*\bcheck="/gm) ?? []).length / checks;
  const [wireKiB, textKiB] = [wire.length / 1024, Buffer.byteLength(text) / 1024];
  return { tookMs, cpuMs: cpu, stallMs: await stallMs(running), wireKiB, textKiB, series };
}

function figuresOf(checks: number, path: Path, answers: readonly Answered[]): readonly Figure[] {
  const figure = (what: string, unit: string, key: keyof Answered, most?: number, words?: string): Figure => ({
    what: `${path} with ${checks.toLocaleString('en')} checks: ${what}`,
    unit,
    sides: [{ name: 'sonde', rounds: answers.map((answer) => answer[key]) }],
    ...(most !== undefined && {
      aim: {
        text: words ?? `at most ${most} ${unit}`,
        isMet: ({ sonde }) => (sonde === undefined ? undefined : sonde <= most),
      },
    }),
  });
  const stall = figure('longest stall of the probing loop', 'ms', 'stallMs', 5);
  if (path !== metrics) return [figure('time', 'ms', 'tookMs'), stall];
  return [
    figure('time', 'ms', 'tookMs', 1_000),
    stall,
    figure('CPU', 'ms', 'cpuMs'),
    figure('text', 'KiB', 'textKiB'),
    figure('on the wire, by gzip', 'KiB', 'wireKiB'),
    figure('series of a check', 'series', 'series', 60),
  ];
}

async function end({ child }: Running): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function measureAll({ rounds, program, say }: BenchPorts): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-bench-'));
  const server = createServer((_, response) => response.end('{"ok":true}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const running: Running[] = [];
  try {
    for (const checks of sizes) running.push(await begin(program, folder, checks, target));
    say(`waits for the first run of ${sizes.join(' and ')} checks`);
    await sleep(settleMs);
    const cases = running.flatMap((daemon) => paths.map((path) => ({ daemon, path, answers: [] as Answered[] })));
    for (let round = 0; round < rounds; round++)
      for (const { daemon, path, answers } of cases) answers.push(await measure(daemon, path));
    return cases.flatMap(({ daemon, path, answers }) => figuresOf(daemon.checks, path, answers));
  } finally {
    await Promise.all(running.map(end));
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

export const scrape: Bench = {
  name: 'scrape',
  method:
    'A daemon whose checks (HTTP, plain) have all run once is asked as Prometheus asks, with gzip, from another core. The stall is the longest time for which its event loop took no event meanwhile, by monitorEventLoopDelay at 1 ms.',
  measure: measureAll,
};

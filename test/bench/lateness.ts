import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, BenchPorts, Figure } from './bench-figure.ts';
import { cores, cpuMs, spawnOn } from './cores.ts';
import { burstOf, punctualityOf, startTarget, type Target } from './lateness/arrivals.ts';
import { type Load, writeLoad } from './lateness/load.ts';
import { boundMs, type OwnWords, ownWords } from './lateness/own-lateness.ts';
import { freePort, scrape } from './measured-daemon.ts';
import { quantile } from './quantile.ts';

/** In five rounds: five minutes, and two and a half. */
const loads: readonly Load[] = [
  { checks: 1_000, everySeconds: 1, roundSeconds: 60 },
  { checks: 10_000, everySeconds: 10, roundSeconds: 30 },
];
const scrapeEveryMs = 5_000;
const reloadEverySeconds = 60;
/** What is compiled while it runs, is by then. */
const warmUpMs = 15_000;

/** What one round came to, in milliseconds but for the counts. */
interface Round {
  readonly own: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly seen: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly skipped: number;
  readonly missing: number;
  readonly driftMs: number;
  readonly cpuPercent: number;
}

interface Running {
  readonly load: Load;
  readonly folder: string;
  readonly target: Target;
  readonly address: string;
  readonly pid: number;
}

const shares = { p50: 0.5, p99: 0.99, max: 1 } as const;
const byShare = (of: (share: number) => number) => ({
  p50: of(shares.p50),
  p99: of(shares.p99),
  max: of(shares.max),
});

async function look(address: string): Promise<OwnWords> {
  return ownWords((await scrape(address)) ?? '');
}

/** Scrapes at the pace of Prometheus, until it is stopped. */
function scrapeOnAndOn(address: string): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const loop = async () => {
    while (!signal.aborted) {
      await scrape(address);
      await sleep(scrapeEveryMs, undefined, { signal }).catch(() => {});
    }
  };
  const ended = loop();
  return {
    stop() {
      stopping.abort();
      return ended;
    },
  };
}

/** One round; `reloads` is given where a reload falls into its middle. */
async function measureRound({ load, folder, target, address, pid }: Running, reloads?: number): Promise<Round> {
  await target.arrivals();
  const before = await look(address);
  const cpuBeforeMs = await cpuMs(pid);
  const sinceMs = performance.now();
  const halfMs = (load.roundSeconds * 1000) / 2;
  await sleep(halfMs);
  if (reloads !== undefined) await writeLoad(folder, load, target.port, reloads);
  await sleep(2 * halfMs - (performance.now() - sinceMs));
  const cpuPercent = ((await cpuMs(pid)) - cpuBeforeMs) / ((performance.now() - sinceMs) / 100);
  const arrivals = await target.arrivals();
  const now = await look(address);
  if (reloads !== undefined && now.reloadedAt === before.reloadedAt) throw new Error('sonde did not reload');
  const { lateMs, missing, driftMs } = punctualityOf(arrivals, load.everySeconds * 1000);
  return {
    own: byShare((share) => boundMs(before, now, share)),
    seen: byShare((share) => quantile(lateMs, share)),
    skipped: now.skipped - before.skipped,
    missing,
    driftMs,
    cpuPercent,
  };
}

async function measureLoad(load: Load, { rounds, program, say }: BenchPorts): Promise<readonly Figure[]> {
  await using open = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'sonde-lateness-'));
  open.defer(() => rm(folder, { recursive: true, force: true }));
  const target = await startTarget();
  open.defer(target.close);
  await writeLoad(folder, load, target.port, -1);
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const state = await mkdtemp(join(tmpdir(), 'sonde-state-'));
  open.defer(() => rm(state, { recursive: true, force: true }));
  const args = [program, 'run', folder, '--listen', `127.0.0.1:${port}`, '--state-dir', state];
  const daemon = spawnOn(cores.measured, process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const { pid } = daemon;
  if (pid === undefined) throw new Error('taskset is not installed');
  const ended = once(daemon, 'exit');
  open.defer(async () => {
    daemon.kill('SIGTERM');
    await ended;
  });
  while ((await scrape(address)) === undefined) {
    if (daemon.exitCode !== null) throw new Error(`sonde ended with ${daemon.exitCode}`);
    await sleep(50);
  }
  const everyMs = load.everySeconds * 1000;
  await sleep(warmUpMs);
  const burst = burstOf(await target.arrivals(), everyMs);
  const scrapes = scrapeOnAndOn(address);
  const running = { load, folder, target, address, pid };
  const measured: Round[] = [];
  let reloads = 0;
  for (let round = 0; round < rounds; round++) {
    const isReloadDue = round * load.roundSeconds >= reloads * reloadEverySeconds;
    measured.push(await measureRound(running, isReloadDue ? reloads++ : undefined));
    const { own, seen, cpuPercent } = measured.at(-1) as Round;
    const told = `p99 within ${own.p99} ms, max within ${own.max} ms (seen ${seen.max.toFixed(1)} ms)`;
    say(`${load.checks} checks, round ${round + 1} of ${rounds}: ${told}, ${cpuPercent.toFixed(0)} % of a core`);
  }
  await scrapes.stop();
  return figuresOf(load, measured, burst);
}

function figuresOf({ checks, everySeconds }: Load, measured: readonly Round[], burst: number): readonly Figure[] {
  const setting = `${checks.toLocaleString('en')} checks at ${everySeconds} s`;
  const figure = (what: string, unit: string, of: (round: Round) => number, most?: number): Figure => ({
    what: `${setting}: ${what}`,
    unit,
    sides: [{ name: 'sonde', rounds: measured.map(of) }],
    ...(most !== undefined && {
      aim: {
        text: most === 0 ? 'none' : `at most ${most} ${unit}`,
        isMet: ({ sonde }) => (sonde === undefined ? undefined : Math.abs(sonde) <= most),
      },
    }),
  });
  const late = (name: keyof typeof shares, most?: number): readonly Figure[] => [
    figure(`start minus due, ${name}, as sonde says, at most`, 'ms', ({ own }) => own[name], most),
    figure(`arrival against the earliest of its check, ${name}, as the target saw`, 'ms', ({ seen }) => seen[name]),
  ];
  const first = figure('the busiest tenth of the first interval, of the average', 'times', () => burst);
  return [
    ...late('p50'),
    ...late('p99', 5),
    ...late('max', 50),
    figure('runs skipped', 'runs', ({ skipped }) => skipped, 0),
    figure('intervals without a request', 'intervals', ({ missing }) => missing, 0),
    figure('drift within a round, the median of all checks', 'ms', ({ driftMs }) => driftMs, 2),
    { ...first, sides: [{ name: 'sonde', rounds: [burst] }] },
    figure('CPU', '% of a core', ({ cpuPercent }) => cpuPercent),
  ];
}

export const lateness: Bench = {
  name: 'lateness',
  method:
    'One daemon on one core with assertions, metrics and logs on, against a target on the other core; a scrape every 5 s, and every minute a reload of a configuration in which two checks have changed. A round is a minute, or half of one with 10,000 checks. What sonde says is the upper bound of the bucket of its own histogram. What the target saw counts from the earliest place in its interval that a check had in that round: it has the time of a connection in it as well.',
  async measure(ports) {
    const figures: Figure[] = [];
    for (const load of loads) figures.push(...(await measureLoad(load, ports)));
    return figures;
  },
};

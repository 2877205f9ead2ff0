import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, BenchPorts, Figure } from './bench-figure.ts';
import { cpuMs, residentMiB } from './cores.ts';
import { checksAt, scrape, withDaemon } from './measured-daemon.ts';
import { runSide } from './side.ts';

const sizes = [10, 100, 1_000, 10_000] as const;
const paces = [1, 100, 1_000] as const;
const settleMs = 15_000;
const warmUpMs = 3_000;
const windowMs = 5_000;

async function memoryOf(program: string, target: string, checks: number): Promise<number> {
  return withDaemon(program, checksAt(target, checks, '10s'), async ({ pid, address }) => {
    await sleep(settleMs);
    await scrape(address);
    return residentMiB(pid);
  });
}

/** CPU as a share of one core, in per cent. */
async function cpuOf(program: string, target: string, pace: number): Promise<number> {
  return withDaemon(program, checksAt(target, pace, '1s'), async ({ pid }) => {
    await sleep(warmUpMs);
    const sinceMs = performance.now();
    const before = await cpuMs(pid);
    await sleep(windowMs);
    return (((await cpuMs(pid)) - before) / (performance.now() - sinceMs)) * 100;
  });
}

function memoryFigures(rss: ReadonlyMap<number, readonly number[]>): Figure[] {
  const figures = sizes.map((checks): Figure => {
    const aim = {
      text: 'at most 110 MB (105 MiB)',
      isMet: ({ sonde }: Readonly<Record<string, number | undefined>>) =>
        sonde === undefined ? undefined : sonde * 1.048576 <= 110,
    };
    return {
      what: `${checks.toLocaleString('en')} checks at 10 s: resident memory`,
      unit: 'MiB',
      sides: [{ name: 'sonde', rounds: rss.get(checks) ?? [] }],
      point: { plot: 'Resident memory', x: checks, xUnit: 'checks' },
      ...(checks === 1_000 && { aim }),
    };
  });
  const [from = [], to = []] = [rss.get(1_000), rss.get(10_000)];
  const perCheck = to.map((mib, round) => ((mib - (from[round] ?? Number.NaN)) * 1_048.576) / 9_000);
  return [
    ...figures,
    {
      what: 'Each check from 1,000 to 10,000: resident memory',
      unit: 'kB',
      sides: [{ name: 'sonde', rounds: perCheck }],
      aim: { text: 'at most 20 kB', isMet: ({ sonde }) => (sonde === undefined ? undefined : sonde <= 20) },
    },
  ];
}

async function measure({ rounds, program, sondeAlone, say }: BenchPorts): Promise<readonly Figure[]> {
  const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rss = new Map<number, number[]>(sizes.map((checks) => [checks, []]));
  const cpu = new Map<number, number[]>(paces.map((pace) => [pace, []]));
  try {
    for (let round = 1; round <= rounds; round++) {
      // All at once: what memory a process takes does not depend on who else is there.
      await Promise.all([...rss].map(async ([checks, values]) => values.push(await memoryOf(program, target, checks))));
      for (const [pace, values] of cpu) values.push(await cpuOf(program, target, pace));
      say(`growth: round ${round} of ${rounds}`);
    }
  } finally {
    server.close();
  }
  const cpuFigures = [...cpu].map(
    ([pace, values]): Figure => ({
      what: `${pace.toLocaleString('en')} probes/s: CPU`,
      unit: '% of a core',
      sides: [{ name: 'sonde', rounds: values }],
    }),
  );
  return [...memoryFigures(rss), ...cpuFigures, ...(sondeAlone ? [] : await hourFigures(rounds, say))];
}

async function hourFigures(rounds: number, say: BenchPorts['say']): Promise<Figure[]> {
  const slopes: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    slopes.push((await runSide('growth-side.ts', [])).bytesOfRun ?? Number.NaN);
    say(`growth: hour ${round} of ${rounds}, simulated`);
  }
  return [
    {
      what: 'An hour of 20 checks at 1 s, simulated: heap that each run leaves, from minute 20 on',
      unit: 'bytes',
      sides: [{ name: 'sonde', rounds: slopes }],
      aim: { text: 'at most 1 byte', isMet: ({ sonde }) => (sonde === undefined ? undefined : sonde <= 1) },
    },
  ];
}

/** What more checks and more probes take of a host. */
export const growth: Bench = {
  name: 'growth',
  method:
    `The built program with plain HTTP checks: resident memory after ${settleMs / 1000} s and a scrape, of which about 54 MiB ` +
    `are files of Node that processes share; CPU of the whole process over ${windowMs / 1000} s. The hour is that of the ` +
    'engine with its sinks in one process, whose clock is moved on by hand and whose network answers at once; the heap is ' +
    'counted after a full collection each two minutes, and the slope is the straight line nearest to those counts.',
  measure,
};

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, BenchPorts, Figure } from './bench-figure.ts';
import { cores, spawnOn } from './cores.ts';
import { checksAt, freePort, scrape } from './measured-daemon.ts';

const sizes = [
  { checks: 10, every: '1s', atMostMs: 400 },
  { checks: 1_000, every: '10s', atMostMs: 1_000 },
] as const;
const lookMs = 5;

interface Started {
  readonly probeMs: number;
  readonly scrapeMs: number;
}

/** Starts the program once; resolves with what passed until its first probe arrived and its first scrape was answered. */
async function startOnce(program: string, checks: number, every: string): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-start-'));
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<number>();
  const target = createServer((_request, response) => {
    arrive(performance.now());
    response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const file = join(folder, 'sonde.yaml');
  const { port: targetPort } = target.address() as AddressInfo;
  await writeFile(file, checksAt(`http://127.0.0.1:${targetPort}`, checks, every));
  const port = await freePort();
  const args = [program, 'run', file, '--listen', `127.0.0.1:${port}`, '--state-dir', join(folder, 'state')];
  const sinceMs = performance.now();
  const child = spawnOn(cores.measured, process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    while ((await scrape(`http://127.0.0.1:${port}`)) === undefined) {
      if (child.exitCode !== null) throw new Error(`sonde ended with ${child.exitCode}`);
      await sleep(lookMs);
    }
    const scrapeMs = performance.now() - sinceMs;
    return { probeMs: (await arrived) - sinceMs, scrapeMs };
  } finally {
    child.kill('SIGTERM');
    await ended;
    target.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure({ rounds, program, say }: BenchPorts): Promise<readonly Figure[]> {
  const cases = sizes.map((size) => ({ ...size, starts: [] as Started[] }));
  for (let round = 1; round <= rounds; round++)
    for (const { checks, every, starts } of cases) {
      starts.push(await startOnce(program, checks, every));
      say(`start: round ${round} of ${rounds}, ${checks} checks`);
    }
  return cases.flatMap(({ checks, atMostMs, starts }) => {
    const figure = (what: string, key: keyof Started): Figure => ({
      what: `${checks.toLocaleString('en')} checks: start to ${what}`,
      unit: 'ms',
      sides: [{ name: 'sonde', rounds: starts.map((started) => started[key]) }],
      aim: {
        text: `at most ${atMostMs} ms`,
        isMet: ({ sonde }) => (sonde === undefined ? undefined : sonde <= atMostMs),
      },
    });
    return [figure('first probe received', 'probeMs'), figure('first scrape answered', 'scrapeMs')];
  });
}

/** How long the program takes to begin its work. */
export const start: Bench = {
  name: 'start',
  method:
    'The built program is started as a process on its core, with a new state folder, over and over: files are in the cache of the ' +
    'system, and nothing of V8 is kept from one start to the next. Checks are plain HTTP, 10 at 1 s or 1,000 at 10 s, and their first runs ' +
    'are spread over that time by their names, which the first probe has to wait for. /metrics is asked for every ' +
    `${lookMs} ms until it is answered.`,
  measure,
};

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Aim, Bench, BenchPorts, Figure, Side } from './bench-figure.ts';
import { blackboxCostUs } from './cost/blackbox-side.ts';
import { type CostCase, costCases } from './cost/cases.ts';
import { type Nginx, startNginx } from './cost/nginx.ts';
import { sondeCostUs } from './cost/sonde-side.ts';
import { probesPerSecond, warmUpMs } from './cost/window.ts';
import { wrkCostUs } from './cost/wrk-side.ts';
import { whyMissing } from './machine.ts';

/** One side of one case: how its rounds are measured, or why they are not. */
interface Measurement {
  readonly cost: CostCase;
  readonly name: 'sonde' | 'blackbox_exporter' | 'wrk';
  readonly missing: string | undefined;
  readonly measureUs: () => Promise<number>;
  readonly rounds: number[];
}

function measurementsOf({ program, sondeAlone }: BenchPorts, nginx: Nginx | undefined, folder: string): Measurement[] {
  const noTarget = nginx ? undefined : 'nginx is not installed';
  return costCases.flatMap((cost) => {
    const side = (
      name: Measurement['name'],
      missing: string | undefined,
      measure: (nginx: Nginx) => Promise<number>,
    ) => ({
      cost,
      name,
      missing: noTarget ?? missing,
      measureUs: () => (nginx ? measure(nginx) : Promise.reject(new Error(noTarget))),
      rounds: [],
    });
    const sonde = side('sonde', undefined, (target) => sondeCostUs(program, cost, target));
    const blackbox = side('blackbox_exporter', whyMissing('blackbox_exporter'), (target) =>
      blackboxCostUs(cost, target, folder),
    );
    const wrk = side('wrk', whyMissing('wrk'), (target) => wrkCostUs(cost, target));
    if (sondeAlone) return [sonde];
    return [sonde, ...(cost.patterns ? [blackbox] : []), ...(cost.hasFloor ? [wrk] : [])];
  });
}

function aimOf({ aim }: CostCase): { readonly aim?: Aim } {
  if (!aim) return {};
  return {
    aim: {
      text: `at most ${aim.atMost} of blackbox_exporter, at best ${aim.atBest}`,
      isMet: ({ sonde, blackbox_exporter }) =>
        sonde === undefined || blackbox_exporter === undefined ? undefined : sonde <= aim.atMost * blackbox_exporter,
    },
  };
}

/** What each round of sonde took of what blackbox_exporter took beside it. */
function shareOf(cost: CostCase, measurements: readonly Measurement[]): Figure[] {
  const roundsOf = (name: Measurement['name']) => measurements.find((own) => own.name === name)?.rounds ?? [];
  const theirs = roundsOf('blackbox_exporter');
  if (theirs.length === 0) return [];
  const rounds = roundsOf('sonde').map((us, round) => us / (theirs[round] ?? Number.NaN));
  return [{ what: `${cost.what}: share of blackbox_exporter`, unit: 'of its CPU', sides: [{ name: 'sonde', rounds }] }];
}

function figuresOf(measurements: readonly Measurement[]): readonly Figure[] {
  return [...Map.groupBy(measurements, ({ cost }) => cost)].flatMap(([cost, own]) => {
    const sides = own.map(
      ({ name, missing, rounds }): Side => (missing === undefined ? { name, rounds } : { name, missing }),
    );
    return [{ what: cost.what, unit: 'µs', sides, ...aimOf(cost) }, ...shareOf(cost, own)];
  });
}

/** Measures anew, up to twice, what something else on the machine has disturbed, and says so. */
async function undisturbed(measureUs: () => Promise<number>, say: (line: string) => void): Promise<number> {
  for (let tries = 1; ; tries++)
    try {
      return await measureUs();
    } catch (error) {
      if (tries === 3) throw error;
      say(`cost: measured anew, since ${error instanceof Error ? error.message : error}`);
    }
}

async function measure(ports: BenchPorts): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-cost-'));
  const nginx = whyMissing('nginx') === undefined ? await startNginx(folder) : undefined;
  try {
    const measurements = measurementsOf(ports, nginx, folder);
    for (let round = 1; round <= ports.rounds; round++)
      for (const { cost, name, missing, measureUs, rounds } of measurements) {
        if (missing !== undefined) continue;
        const us = await undisturbed(measureUs, ports.say);
        rounds.push(us);
        ports.say(`cost: round ${round} of ${ports.rounds}, ${cost.what}: ${name} ${us.toFixed(0)} µs`);
      }
    return figuresOf(measurements);
  } finally {
    await nginx?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What one probe costs, in the running daemon and in what people would otherwise take. */
export const cost: Bench = {
  name: 'cost',
  method:
    `CPU of one probe: user and system time of the whole process over 6 s at ${probesPerSecond} probes/s, after ${warmUpMs / 1000} s ` +
    'to warm up, divided by the requests that nginx counted. sonde is the built daemon with ' +
    `${probesPerSecond} checks at 1 s, three assertions each, metrics, history and log as they are by default, scraped ` +
    'once meanwhile; blackbox_exporter is asked for whole `/probe` calls over kept connections at the same pace, with ' +
    'regular expressions in the place of assertions. wrk is the floor: 20 connections, `Connection: close`, as fast as it ' +
    'can, with no phases, certificates unverified. Where a probe fails, or the pace is missed by a tenth, the round is measured anew, and after three times the bench breaks.',
  measure,
};

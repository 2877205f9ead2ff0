import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Aim, Bench, BenchPorts, Figure, Side } from './bench-figure.ts';
import { blackboxProgram, measureBlackbox } from './truth/blackbox-side.ts';
import { capture, isInstalled } from './truth/capture.ts';
import { type Load, loads, nameOf } from './truth/cases.ts';
import type { MeasuredRun, Scene } from './truth/measured.ts';
import { startTarget } from './truth/running-target.ts';
import { measureSonde } from './truth/sonde-side.ts';
import { exchangesOf, type Phase, phases } from './truth/wire.ts';

type SideName = 'sonde' | 'blackbox_exporter';

/** What one side's runs came to beside their packets, in one round at one load. */
interface Judged {
  /** Milliseconds by which each run was off, by phase. */
  readonly errorsMs: Readonly<Record<Phase, readonly number[]>>;
  readonly runs: number;
  /** Of the runs that tell a doubt: the shares whose error is within it, and that are marked. */
  readonly withinDoubt: number;
  readonly marked: number;
}

const quantiles = { p50: 0.5, p99: 0.99 } as const;

type Quantile = keyof typeof quantiles;

function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** The share of a hundred. */
const percent = (part: number, whole: number) => (whole === 0 ? Number.NaN : (part * 100) / whole);

/** Measures one side, with a capture beside it. */
async function measureSide(measure: (scene: Scene) => Promise<readonly MeasuredRun[]>, scene: Scene): Promise<Judged> {
  const { load, target, folder } = scene;
  await target.seen();
  const captured = await capture([target.httpPort, ...target.tlsPorts], join(folder, 'packets.pcap'));
  const runs = new Map((await measure(scene)).map((run) => [run.name, run]));
  const exchanges = exchangesOf(await captured.stop(), target.tlsPorts, target.httpPort);
  /** How many requests have come from each port so far. */
  const taken = new Map<number, number>();
  const errorsMs: Record<Phase, number[]> = { connect: [], tls: [], wait: [], transfer: [] };
  const counts = { runs: 0, told: 0, within: 0, marked: 0 };
  for (const [clientPort, name] of await target.seen()) {
    const run = runs.get(name);
    const order = taken.get(clientPort) ?? 0;
    taken.set(clientPort, order + 1);
    const wire = exchanges.get(clientPort)?.[order];
    if (!run || !wire || wire.startedAtMs < load.warmUpSeconds * 1000) continue;
    counts.runs += 1;
    for (const phase of phases) {
      const trueMs = wire.phases[phase];
      if (trueMs !== undefined) errorsMs[phase].push(Math.abs((run.phases[phase] ?? 0) - trueMs));
    }
    if (run.uncertaintyMs === undefined) continue;
    counts.told += 1;
    if (run.tookMs - wire.tookMs <= run.uncertaintyMs + resolutionMs) counts.within += 1;
    if (run.isUncertain) counts.marked += 1;
  }
  return {
    errorsMs,
    runs: counts.runs,
    withinDoubt: percent(counts.within, counts.told),
    marked: percent(counts.marked, counts.told),
  };
}

/** The log tells tenths of milliseconds. */
const resolutionMs = 0.1;

const aimMs = (load: Load, quantile: Quantile): number | undefined => {
  if (load.perSecond === 100) return quantile === 'p50' ? 0.2 : 1;
  return load.perSecond === 1000 && quantile === 'p99' ? 3 : undefined;
};

function atMost(limit: number | undefined): { readonly aim?: Aim } {
  if (limit === undefined) return {};
  const isMet: Aim['isMet'] = ({ sonde }) => (sonde === undefined ? undefined : sonde <= limit);
  return { aim: { text: `at most ${limit} ms`, isMet } };
}

/** The rounds of both sides at one load. */
type Rounds = Readonly<Record<SideName, readonly Judged[] | string>>;

function sideOf(name: SideName, rounds: Rounds, read: (judged: Judged) => number): Side {
  const ofSide = rounds[name];
  return typeof ofSide === 'string' ? { name, missing: ofSide } : { name, rounds: ofSide.map(read) };
}

function figuresOf(load: Load, rounds: Rounds): Figure[] {
  const reached = phases.filter((phase) => load.overTls || phase !== 'tls');
  const ofPhases = reached.flatMap((phase) =>
    (Object.keys(quantiles) as Quantile[]).map((quantile): Figure => {
      const read = ({ errorsMs }: Judged) => quantileOf(errorsMs[phase], quantiles[quantile]);
      return {
        what: `${nameOf(load)}: error of ${phase}, ${quantile}`,
        unit: 'ms',
        sides: [sideOf('sonde', rounds, read), sideOf('blackbox_exporter', rounds, read)],
        ...atMost(aimMs(load, quantile)),
        ...(quantile === 'p99' && {
          point: {
            plot: `error of ${phase}, p99, ${load.overTls ? 'HTTPS' : 'HTTP'}`,
            x: load.perSecond,
            xUnit: 'probes/s',
          },
        }),
      };
    }),
  );
  const ofRuns = (what: string, unit: string, read: (judged: Judged) => number): Figure => ({
    what: `${nameOf(load)}: ${what}`,
    unit,
    sides: [sideOf('sonde', rounds, read)],
  });
  return [
    ...ofPhases,
    ofRuns('latency is off by no more than its uncertainty', '% of runs', ({ withinDoubt }) => withinDoubt),
    ofRuns('marked as uncertain', '% of runs', ({ marked }) => marked),
  ];
}

type SideOf = Readonly<Record<SideName, (scene: Scene) => Promise<readonly MeasuredRun[]>>>;

async function measure({ rounds, program, say }: BenchPorts): Promise<readonly Figure[]> {
  const missing = {
    sonde: (await isInstalled('dumpcap')) ? undefined : 'dumpcap is not installed',
    blackbox_exporter: (await isInstalled(blackboxProgram)) ? undefined : `${blackboxProgram} is not installed`,
  };
  const { sonde: reason } = missing;
  if (reason !== undefined)
    return loads.flatMap((load) => figuresOf(load, { sonde: reason, blackbox_exporter: reason }));
  const sides: SideOf = { sonde: (scene) => measureSonde(program, scene), blackbox_exporter: measureBlackbox };
  const names = (Object.keys(sides) as SideName[]).filter((name) => missing[name] === undefined);
  const folder = await mkdtemp(join(tmpdir(), 'sonde-truth-'));
  const target = await startTarget(folder);
  const measured = loads.map((load) => ({ load, sonde: [] as Judged[], blackbox_exporter: [] as Judged[] }));
  try {
    for (let round = 1; round <= rounds; round++)
      for (const ofLoad of measured)
        for (const name of round % 2 === 0 ? names.toReversed() : names) {
          const judged = await measureSide(sides[name], { load: ofLoad.load, round, target, folder });
          ofLoad[name].push(judged);
          say(`truth, round ${round} of ${rounds}: ${nameOf(ofLoad.load)}, ${judged.runs} runs of ${name}`);
        }
  } finally {
    target.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return measured.flatMap(({ load, sonde, blackbox_exporter }) =>
    figuresOf(load, { sonde, blackbox_exporter: missing.blackbox_exporter ?? blackbox_exporter }),
  );
}

/** What each side says of the phases of a probe, against the packets that went over the wire for it. */
export const truth: Bench = {
  name: 'truth',
  method:
    'Each run is held against the packets that dumpcap stamped in the kernel: connect from SYN to SYN/ACK, tls from the hello of the client to its end of the handshake, wait from the request to the head of the answer, transfer from there to its last packet. Delays of 0, 1, 5, 20 and 100 ms are injected into tls, wait and transfer, one at a time, evenly over the probes; connect is measured at 0 only. A value is the absolute error over all of them.',
  measure,
};

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench } from './bench-figure.ts';
import { benches, benchesAside } from './benches.ts';
import { pinSelf } from './cores.ts';
import { keepRecord } from './documents.ts';
import { judged } from './figures.ts';
import { describeMachine } from './machine.ts';
import { buildProgram, revisionOfTree } from './program.ts';
import { renderText } from './report.ts';

const allBenches = [...benches, ...benchesAside];
const names = allBenches.map(({ name }) => name);

/** Fewer rounds are a try, and not reported. */
const reportedRounds = 5;

const say = (line: string) => void process.stdout.write(`${line}\n`);

interface Wish {
  readonly chosen: readonly Bench[];
  readonly rounds: number;
  /** Whether `docs/benchmarks.md` is written. */
  readonly isKept: boolean;
}

/** Measures each bench; one that breaks does not take the others with it. Returns whether all went well. */
async function measureAll({ chosen, rounds, isKept }: Wish, program: string): Promise<boolean> {
  const machine = describeMachine();
  const revision = revisionOfTree();
  let isWell = true;
  for (const { name, method, measure } of chosen) {
    say(`\n${name}${isKept ? '' : `, a try of ${rounds} that is not kept`}`);
    try {
      const figures = (await measure({ rounds, program, say })).map(judged);
      say(renderText(figures));
      const date = new Date().toISOString().slice(0, 10);
      if (isKept) await keepRecord({ name, method, date, revision, rounds, machine, figures }, names);
    } catch (error) {
      say(`${name} broke: ${error instanceof Error ? error.stack : error}`);
      isWell = false;
    }
  }
  return isWell;
}

/**
 * `npm run bench [-- NAME… --rounds N --write]`: measures sonde, built from the tree as it is, beside its counterparts
 * and writes `docs/benchmarks.md`. With fewer than five rounds the page is left alone unless `--write` asks for it.
 */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: String(reportedRounds) },
      write: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined || !Number.isInteger(rounds) || rounds < 1) {
    say(
      unknown === undefined
        ? '--rounds takes a whole number from 1.'
        : `There is no bench "${unknown}"; expected one of ${names.join(', ')}.`,
    );
    return 2;
  }
  const chosen = positionals.length === 0 ? benches : allBenches.filter(({ name }) => positionals.includes(name));
  const folder = await mkdtemp(join(tmpdir(), 'sonde-bench-'));
  try {
    const program = await buildProgram(join(folder, 'tree'));
    pinSelf();
    const isWell = await measureAll({ chosen, rounds, isKept: values.write || rounds >= reportedRounds }, program);
    return isWell ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench } from './bench-figure.ts';
import { benches, benchesAside, benchesOfTree, comparedBenches } from './benches.ts';
import { compareRevisions, renderComparison } from './compare.ts';
import { pinSelf } from './cores.ts';
import { keepRecord } from './documents.ts';
import { judged } from './figures.ts';
import { describeMachine } from './machine.ts';
import { buildProgram, isRevision, revisionOf, revisionOfTree } from './program.ts';
import { renderText } from './report.ts';

const allBenches = [...benches, ...benchesAside];
const allNames = allBenches.map(({ name }) => name);

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
      if (isKept) await keepRecord({ name, method, date, revision, rounds, machine, figures }, allNames);
    } catch (error) {
      say(`${name} broke: ${error instanceof Error ? error.stack : error}`);
      isWell = false;
    }
  }
  return isWell;
}

/** Both revisions on the same benches; nothing is kept. Benches that break end it. */
async function compare({ chosen, rounds }: Wish, revision: string, folder: string): Promise<void> {
  const before = { name: revisionOf(revision), program: await buildProgram(join(folder, 'before'), revision) };
  const after = { name: `${revisionOfTree()} (this tree)`, program: await buildProgram(join(folder, 'after')) };
  pinSelf();
  for (const bench of chosen) {
    const compared = await compareRevisions(bench, [before, after], rounds, say);
    say(`\n${bench.name}, ${rounds} rounds\n${renderComparison(compared, [before.name, after.name])}`);
  }
}

/** What is wrong with such a comparison; undefined when nothing is. */
function whyNotCompared(revision: string, chosen: readonly Bench[]): string | undefined {
  const ofTree = chosen.find((bench) => benchesOfTree.includes(bench));
  if (ofTree) return `The bench "${ofTree.name}" measures this tree alone, so it compares no revisions.`;
  return isRevision(revision) ? undefined : `There is no revision "${revision}".`;
}

/** The benches of these names, or what is wrong with them. */
function chosenOf(names: readonly string[], otherwise: readonly Bench[]): readonly Bench[] | string {
  const unknown = names.find((name) => !allNames.includes(name));
  if (unknown !== undefined) return `There is no bench "${unknown}"; expected one of ${allNames.join(', ')}.`;
  return names.length === 0 ? otherwise : allBenches.filter(({ name }) => names.includes(name));
}

/**
 * `npm run bench [-- NAME… --rounds N --write]` measures sonde, built from the tree as it is, beside its counterparts
 * and writes `docs/benchmarks.md`. With fewer than five rounds the page is left alone unless `--write` asks for it.
 * `npm run bench -- compare REV [NAME…]` holds a revision beside the tree. Returns the exit code.
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
  const [revision, names] =
    positionals[0] === 'compare' ? [positionals[1] ?? 'HEAD', positionals.slice(2)] : [undefined, positionals];
  const chosen =
    Number.isInteger(rounds) && rounds > 0
      ? chosenOf(names, revision === undefined ? benches : comparedBenches)
      : '--rounds takes a whole number from 1.';
  if (typeof chosen === 'string') {
    say(chosen);
    return 2;
  }
  const mistake = revision === undefined ? undefined : whyNotCompared(revision, chosen);
  if (mistake !== undefined) {
    say(mistake);
    return 2;
  }
  const wish = { chosen, rounds, isKept: values.write || rounds >= reportedRounds };
  const folder = await mkdtemp(join(tmpdir(), 'sonde-bench-'));
  try {
    if (revision !== undefined) {
      await compare(wish, revision, folder);
      return 0;
    }
    const program = await buildProgram(join(folder, 'tree'));
    pinSelf();
    return (await measureAll(wish, program)) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();

import type { Bench, Figure } from './bench-figure.ts';
import { median, shownNumber, shownSpread } from './figures.ts';

/** A revision that is compared, built. */
export interface Revision {
  readonly name: string;
  readonly program: string;
}

/** The rounds of one figure of sonde, by the names of the revisions. */
interface Compared {
  readonly what: string;
  readonly unit: string;
  readonly rounds: Readonly<Record<string, readonly number[]>>;
}

/** Adds a round of a revision to what is known. Sides other than sonde are not compared. */
function withRound(known: Map<string, Compared>, name: string, figures: readonly Figure[]): void {
  for (const { what, unit, sides } of figures) {
    const side = sides.find((own) => own.name === 'sonde');
    if (!side || !('rounds' in side)) continue;
    const before = known.get(what)?.rounds ?? {};
    known.set(what, { what, unit, rounds: { ...before, [name]: [...(before[name] ?? []), ...side.rounds] } });
  }
}

/** Measures two revisions in turn, each round in the other order. */
export async function compareRevisions(
  bench: Bench,
  [before, after]: readonly [Revision, Revision],
  rounds: number,
  say: (line: string) => void,
): Promise<readonly Compared[]> {
  const found = new Map<string, Compared>();
  for (let round = 1; round <= rounds; round++)
    for (const { name, program } of round % 2 === 1 ? [before, after] : [after, before]) {
      say(`compare: round ${round} of ${rounds}, ${bench.name} of ${name}`);
      withRound(found, name, await bench.measure({ rounds: 1, program, sondeAlone: true, say: () => {} }));
    }
  return [...found.values()];
}

/** For example `-12 %`; `within the spread` is said where the rounds of the two overlap. */
function change(before: readonly number[], after: readonly number[]): string {
  const percent = (median(after) / median(before) - 1) * 100;
  const shown = `${percent > 0 ? '+' : ''}${percent.toFixed(0)} %`;
  const isApart = Math.max(...after) < Math.min(...before) || Math.min(...after) > Math.max(...before);
  return isApart ? shown : `${shown}, within the spread`;
}

/** A table for a terminal, two revisions side by side. */
export function renderComparison(compared: readonly Compared[], [before, after]: readonly [string, string]): string {
  const shown = (rounds: readonly number[], unit: string) =>
    `${shownNumber(median(rounds))} ${unit}${rounds.length > 1 ? ` (${shownSpread(rounds)})` : ''}`;
  const rows = compared.map(({ what, unit, rounds }) => {
    const [first = [], second = []] = [rounds[before], rounds[after]];
    return [what, shown(first, unit), shown(second, unit), change(first, second)];
  });
  const all = [['', before, after, 'change'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  return all
    .map((cells) =>
      cells
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

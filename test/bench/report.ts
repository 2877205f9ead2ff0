import type { Side } from './bench-figure.ts';
import type { BenchRecord } from './bench-record.ts';
import { type MeasuredFigure, median, shownNumber, shownSpread, shownVerdict } from './figures.ts';
import { plotsOf } from './plots.ts';

/** Text as it stands in a cell of a table. */
const cell = (words: string) => words.replaceAll('|', '\\|');

const row = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

/** Each side in a line of its own, in one cell. */
const stacked = (sides: readonly Side[], show: (side: Side) => string) => sides.map(show).join('<br>');

const isFailed = ({ aim }: MeasuredFigure) => aim?.isMet === false;

const shownMedian = (side: Side, unit: string) =>
  'rounds' in side ? `${shownNumber(median(side.rounds))} ${unit}` : 'not measured';

function rowOf(figure: MeasuredFigure): string[] {
  const { what, unit, sides, aim } = figure;
  return [
    what,
    stacked(sides, ({ name }) => name),
    stacked(sides, (side) => shownMedian(side, unit)),
    stacked(sides, (side) => ('rounds' in side ? shownSpread(side.rounds) : side.missing)),
    aim?.text ?? '',
    isFailed(figure) ? `**${shownVerdict(figure)}**` : shownVerdict(figure),
  ];
}

function allFigures(records: readonly BenchRecord[]): string {
  const rows = records.flatMap(({ name, figures }) =>
    figures.map((figure) => {
      const [what = '', ...others] = rowOf(figure);
      return [`[${name}](#${name})`, what, ...others];
    }),
  );
  return table(['bench', 'figure', 'side', 'median', 'spread', 'aim', ''], rows);
}

/** For example `Of 12 aims, 10 are met`. */
function verdict(records: readonly BenchRecord[]): string {
  const figures = records.flatMap((record) => record.figures).filter(({ aim }) => aim);
  const failed = figures.filter(isFailed);
  const unknown = figures.filter(({ aim }) => aim?.isMet === null);
  const met = figures.length - failed.length - unknown.length;
  const notMeasured = unknown.length > 0 ? `, ${unknown.length} could not be measured` : '';
  const are = (count: number) => `${count} ${count === 1 ? 'is' : 'are'}`;
  return `Of ${figures.length} aims, ${are(met)} met, ${are(failed.length)} not${notMeasured}.`;
}

/** The values of each round, for those who want to judge the spread by themselves. */
function roundsOf({ figures }: BenchRecord): string {
  const rows = figures.flatMap(({ what, unit, sides }) =>
    sides.flatMap((side) =>
      'rounds' in side ? [[what, side.name, unit, side.rounds.map(shownNumber).join(', ')]] : [],
    ),
  );
  return table(['figure', 'side', 'unit', 'rounds, in their order'], rows);
}

function circumstances({ date, revision, rounds, machine }: BenchRecord): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return `${date}, revision ${revision}, ${rounds} rounds, on ${machine.processors} with ${machine.memoryGiB} GiB, ${machine.system}; ${versions.join(', ')}.`;
}

function sectionOf(record: BenchRecord): string {
  const { name, method, figures } = record;
  const pictures = plotsOf(name, figures).map((plot) => `![${plot.title}](benchmarks/${plot.name}.svg)`);
  return [
    `## ${name}`,
    method,
    `*${circumstances(record)}*`,
    ...pictures,
    `<details>\n<summary>Each round</summary>\n\n${roundsOf(record)}\n\n</details>`,
  ].join('\n\n');
}

const introduction = `# Benchmarks

This page is written by \`npm run bench\`, which measures sonde's built program on this machine beside the tools that
people would otherwise take, in the same run. \`npm run bench -- NAME\` measures one bench and replaces its section alone;
\`npm run bench -- compare REV\` holds a revision of sonde beside the tree as it is. The whole takes about 35 minutes on a
machine that does nothing else.

- **Pinned.** What is measured has the second core to itself: sonde, blackbox_exporter or wrk, one after the other.
  Everything else is on the first: the target, whatever asks for probes or scrapes, and the bench.
- **Rounds.** The sides alternate in each round, each bench by its own method below. The median of the rounds
  counts; the spread is the least and the greatest of them.
- **CPU** is user and system time of the whole process, as the kernel counts it.
- **Aims** were set before. Where a figure does not meet its own, the table says so.
- A counterpart that is not installed has a row that says so. On Debian:
  \`apt-get install prometheus-blackbox-exporter wrk nginx tshark chrony faketime\`.

The raw values are in [benchmarks](benchmarks), a file a bench. What the costs that remain consist of, and what was tried
against them, stands in [performance](performance.md).`;

/** The page `docs/benchmarks.md`. */
export function renderReport(records: readonly BenchRecord[]): string {
  return `${[introduction, '## All figures', verdict(records), allFigures(records), ...records.map(sectionOf)].join(
    '\n\n',
  )}\n`;
}

/** The figures of one bench as a terminal shows them. */
export function renderText(figures: readonly MeasuredFigure[]): string {
  return figures
    .map((figure) => {
      const { what, unit, sides, aim } = figure;
      const lines = sides.map((side) => {
        const told = 'rounds' in side ? shownSpread(side.rounds) : side.missing;
        return `    ${side.name.padEnd(20)} ${shownMedian(side, unit)}${told && ` (${told})`}`;
      });
      return [`  ${what}`, ...lines, ...(aim ? [`    aim: ${aim.text}: ${shownVerdict(figure)}`] : [])].join('\n');
    })
    .join('\n');
}

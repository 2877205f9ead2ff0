import type { Side } from './bench-figure.ts';
import { type MeasuredFigure, median, shownNumber, spread } from './figures.ts';
import { type Bar, drawBars } from './svg-bars.ts';
import { drawLines, type Line } from './svg-lines.ts';

/** A picture and the name of its file, without `.svg`. */
export interface Plot {
  readonly name: string;
  readonly title: string;
  readonly svg: string;
}

type Measured = Extract<Side, { readonly rounds: readonly number[] }>;

const isMeasured = (side: Side): side is Measured => 'rounds' in side && side.rounds.length > 0;

/** What a file may be called after a title. */
const slugOf = (text: string) =>
  text
    .toLowerCase()
    .replaceAll('µ', 'u')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

const rangeOf = ({ rounds }: Measured) => {
  const [least, most] = spread(rounds);
  return { value: median(rounds), least, most };
};

function linesOf(figures: readonly MeasuredFigure[]): Line[] {
  const points = new Map<string, Line['points'][number][]>();
  for (const { sides, point } of figures)
    for (const side of sides.filter(isMeasured)) {
      const known = points.get(side.name) ?? [];
      points.set(side.name, [...known, { x: point?.x ?? Number.NaN, ...rangeOf(side) }]);
    }
  return [...points].map(([name, own]) => ({ name, points: own.toSorted((a, b) => a.x - b.x) }));
}

/** A plot of lines for each `plot` that figures are points of. */
function linePlots(bench: string, figures: readonly MeasuredFigure[]): Plot[] {
  const byPlot = Map.groupBy(figures, ({ point }) => point?.plot);
  return [...byPlot].flatMap(([title, own]): Plot[] => {
    const [first] = own;
    const lines = linesOf(own);
    if (title === undefined || !first?.point || lines.length === 0) return [];
    const svg = drawLines({ title, x: first.point.xUnit, y: first.unit, lines });
    return [{ name: `${bench}-${slugOf(title)}`, title, svg }];
  });
}

/** A plot of bars for each unit in which figures that are no points compare several sides. */
function barPlots(bench: string, figures: readonly MeasuredFigure[]): Plot[] {
  const compared = figures.filter(({ point, sides }) => !point && sides.filter(isMeasured).length > 1);
  return [...Map.groupBy(compared, ({ unit }) => unit)].map(([unit, own]) => {
    const title = `${bench}, ${unit}`;
    const groups = own.map(({ what, sides }) => ({
      title: what,
      bars: sides.filter(isMeasured).map((side): Bar => {
        const value = rangeOf(side);
        return { name: side.name, ...value, label: `${shownNumber(value.value)} ${unit}` };
      }),
    }));
    return { name: `${bench}-${slugOf(unit)}`, title, svg: drawBars({ title, groups }) };
  });
}

/** Everything of a bench that can be drawn. */
export function plotsOf(bench: string, figures: readonly MeasuredFigure[]): readonly Plot[] {
  return [...barPlots(bench, figures), ...linePlots(bench, figures)];
}

import type { Figure, Side } from './bench-figure.ts';

/** The middle of the values; of an even number, halfway between the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const inOrder = values.toSorted((a, b) => a - b);
  const half = inOrder.length / 2;
  return ((inOrder[Math.ceil(half) - 1] ?? Number.NaN) + (inOrder[Math.floor(half)] ?? Number.NaN)) / 2;
}

/** Least and greatest. */
export const spread = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as const;

/** Three digits that count, thousands apart: `0.0412`, `158`, `12,300`. */
export function shownNumber(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en', { maximumFractionDigits: 6 });
}

/** For example `150 to 171`; empty of a single value. */
export function shownSpread(values: readonly number[]): string {
  if (values.length < 2) return '';
  return spread(values).map(shownNumber).join(' to ');
}

/** What was measured, with what came of its aim: plain data, as it is kept in a file. */
export interface MeasuredFigure extends Omit<Figure, 'aim'> {
  /** `isMet` is null when a side that it needs is missing. */
  readonly aim?: { readonly text: string; readonly isMet: boolean | null };
}

const medianOf = (side: Side) => ('rounds' in side ? median(side.rounds) : undefined);

/** Judges a figure by the medians of its sides. */
export function judged({ aim, ...figure }: Figure): MeasuredFigure {
  if (!aim) return figure;
  const medians = Object.fromEntries(figure.sides.map((side) => [side.name, medianOf(side)]));
  return { ...figure, aim: { text: aim.text, isMet: aim.isMet(medians) ?? null } };
}

export const shownVerdict = ({ aim }: MeasuredFigure): string => {
  if (!aim) return '';
  if (aim.isMet === null) return 'not measured';
  return aim.isMet ? 'met' : 'not met';
};

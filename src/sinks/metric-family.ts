import { type MetricName, metricCatalogue } from './metric-catalogue.ts';

/**
 * Takes one series: its finished label pairs, joined by commas, its value, and what its name has beside that of the
 * family, such as `_sum`.
 */
export type AddSeries = (labelPairs: string, value: number, suffix?: string) => void;

/** A metric, whose series are read only when they are written. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  /** `counter`, `gauge`, `histogram` or `summary`. */
  readonly type: string;
  /** How many things have series of it. Time may pass between one and the next, so what one of them adds stands by itself. */
  readonly parts: number;
  addPart(index: number, add: AddSeries): void;
}

/** How the series of metrics are read from a row, which is all that is kept of one thing. */
export type FamilyTable<Name extends MetricName, Row> = Readonly<Record<Name, (row: Row, add: AddSeries) => void>>;

/** The metrics of a table over these rows, as the catalogue describes them. */
export function familiesOf<Name extends MetricName, Row>(
  table: FamilyTable<Name, Row>,
  rows: readonly Row[],
): readonly MetricFamily[] {
  return (Object.keys(table) as Name[]).map((name) => ({
    name,
    help: metricCatalogue[name].help,
    type: metricCatalogue[name].type,
    parts: rows.length,
    addPart: (index, add) => table[name](rows[index] as Row, add),
  }));
}

/** `name="value"` with the value escaped. */
export function labelPair(name: string, value: string): string {
  return `${name}="${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`;
}

/** Several pairs, joined. */
export function labelPairs(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => labelPair(name, value))
    .join(',');
}

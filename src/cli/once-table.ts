import { styleText } from 'node:util';
import { causeOf, guidanceOf, type OutcomeKind } from '../model/cause.ts';
import { type PhaseName, phaseNames } from '../model/observation.ts';
import type { Result } from '../model/result.ts';

/** How the table may be drawn. */
export interface TableStyle {
  readonly colour: boolean;
}

const outcomeColours = { passed: 'green', failed: 'red', errored: 'red', skipped: 'yellow' } as const satisfies Record<
  OutcomeKind,
  string
>;

/** `0.4`, `12.3`, `250`: three digits are what a person compares. */
function milliseconds(value: number | undefined): string {
  if (value === undefined) return '';
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}

/**
 * The results of `sonde once` for a terminal: a row a check with its phases in milliseconds, and below a row that did
 * not pass its cause, whose move it is, and what to do. Phases that no check reached have no column.
 */
export function onceTable(results: readonly Result[], { colour }: TableStyle): string {
  const reached = phaseNames.filter((phase) => results.some(({ phases }) => phases[phase] !== undefined));
  const heading = ['check', 'outcome', 'status', ...reached.map((phase) => `${phase} ms`), 'total ms'];
  const rows = results.map((result) => rowOf(result, reached));
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  // Words are read from the left, numbers compared from the right.
  const align = (row: readonly string[]) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text;

  const lines = [paint('bold', align(heading))];
  for (const [index, result] of results.entries()) {
    lines.push(paint(outcomeColours[result.outcome.kind], align(rows[index] ?? [])));
    lines.push(...explain(result).map((line) => `  ${line}`));
  }
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function rowOf({ check, outcome, facts, phases, durationMs }: Result, reached: readonly PhaseName[]): string[] {
  return [
    check.name,
    outcome.kind,
    facts.status === undefined ? '' : String(facts.status),
    ...reached.map((phase) => milliseconds(phases[phase])),
    milliseconds(durationMs),
  ];
}

function explain({ outcome }: Result): string[] {
  const cause = causeOf(outcome);
  if (!cause) return [];
  const { blame, sentence, action } = guidanceOf(cause);
  return [`${cause.code} (${blame}): ${cause.detail}`, sentence, `What to do: ${action}`];
}

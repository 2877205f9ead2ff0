import type { Place } from '../model/place.ts';

/** What is wrong with a configuration, and where. Without line and column when a whole file is meant. */
export interface Problem {
  readonly file?: string;
  /** Counts from 1. */
  readonly line?: number;
  /** Counts from 1. */
  readonly column?: number;
  /** What is wrong; what is expected. Holds no secret. */
  readonly message: string;
}

/** Notes a problem at a place. */
export type Report = (place: Place, message: string) => void;

/** A place as people write it: `sonde.yaml:3:7`. */
export function formatPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** One line for a person: `sonde.yaml:3:7: what is wrong; what is expected`. */
export function formatProblem({ file, line, column, message }: Problem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return place === '' ? message : `${place}: ${message}`;
}

/** The order in which a person reads problems: by file, line and column, and each once. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const order = (a: Problem, b: Problem) =>
    (a.file ?? '').localeCompare(b.file ?? '', 'en') ||
    (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0);
  return [...new Map(problems.map((problem) => [formatProblem(problem), problem])).values()].sort(order);
}

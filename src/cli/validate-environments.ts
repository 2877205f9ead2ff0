import type { LoadedConfiguration, RefusedConfiguration } from '../config/load.ts';
import { formatProblem, type Problem, sortProblems } from '../config/problem.ts';

/** A configuration with one environment laid over; undefined is none. */
export interface Reading {
  readonly environment: string | undefined;
  readonly loaded: LoadedConfiguration | RefusedConfiguration;
}

/** What is said of all environments together. */
export interface Findings {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly notes: readonly Problem[];
}

/** How an environment is called in front of what is said of it. */
export function nameOf({ environment }: Reading): string {
  return environment ?? 'without an environment';
}

interface Said {
  readonly problem: Problem;
  readonly readings: Reading[];
}

function gather(readings: readonly Reading[], list: (reading: Reading) => readonly Problem[]): Said[] {
  const said = new Map<string, Said>();
  for (const reading of readings)
    for (const problem of list(reading)) {
      const known = said.get(formatProblem(problem));
      if (known) known.readings.push(reading);
      else said.set(formatProblem(problem), { problem, readings: [reading] });
    }
  return [...said.values()];
}

/**
 * What is wrong with the configuration in its environments: each once, with the names of the environments unless it is so
 * in all. What is only wrong without an environment is a warning: a configuration may need one.
 */
export function gatherFindings(readings: readonly Reading[], shared: readonly Problem[]): Findings {
  const named = ({ problem, readings: concerned }: Said): Problem =>
    concerned.length === readings.length
      ? problem
      : { ...problem, message: `${concerned.map(nameOf).join(', ')}: ${problem.message}` };
  const isOfBaseAlone = ({ readings: concerned }: Said) =>
    readings.length > 1 && concerned.every(({ environment }) => environment === undefined);
  const problems = gather(readings, ({ loaded }) => (loaded.ok ? [] : loaded.problems));
  const warnings = gather(readings, ({ loaded }) => (loaded.ok ? loaded.warnings : []));
  const notes = gather(readings, ({ loaded }) => (loaded.ok ? loaded.notes : []));
  const ofBase = problems.filter(isOfBaseAlone);
  return {
    problems: sortProblems(problems.filter((each) => !ofBase.includes(each)).map(named)),
    warnings: sortProblems([...[...ofBase, ...warnings].map(named), ...shared]),
    notes: sortProblems(notes.map(named)),
  };
}

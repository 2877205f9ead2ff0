import type { Configuration } from '../config/configuration.ts';
import { allEnvironments } from '../config/environment.ts';
import { loadConfiguration } from '../config/load.ts';
import { printConfiguration } from '../config/print.ts';
import { formatProblem, type Problem, sortProblems } from '../config/problem.ts';
import { findShared, type InEnvironment } from '../config/shared-secrets.ts';
import { compact } from '../model/compact.ts';
import type { System } from '../system/system.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import type { Output } from './output.ts';
import { Refused } from './refused.ts';
import { type Findings, gatherFindings, nameOf, type Reading } from './validate-environments.ts';

export interface ValidateOptions {
  /** The environment to lay over; `all` is each of them. */
  readonly env?: string;
  /** Prints the configuration with its environment laid over. */
  readonly print?: boolean;
}

const count = (number: number, name: string) => `${number} ${name}${number === 1 ? '' : 's'}`;

function summarize({ checks, tokens, budgets }: Configuration): string {
  return [count(checks.length, 'check'), count(tokens.length, 'token'), count(budgets.length, 'budget')].join(', ');
}

/**
 * `sonde validate PATH…`: all problems, or a summary. References without a value are warnings here, so that a
 * configuration can be validated where its secrets are not. Returns the exit code: 0, or 2 when something is wrong.
 * Throws `Refused`.
 */
export async function validate(
  system: System,
  output: Output,
  paths: readonly string[],
  { env, print = false }: ValidateOptions = {},
): Promise<ExitCode> {
  if (env === allEnvironments && print)
    throw new Refused('--print shows one configuration: name one environment, or none.', exitCode.wrongInput);
  const read = async (environment: string | undefined): Promise<Reading> => ({
    environment,
    loaded: await loadConfiguration(system, paths, compact({ environment, unresolved: 'warning' as const })),
  });
  const readAll = async (known: Reading) => {
    const readings: Reading[] = [];
    for (const name of [undefined, ...known.loaded.environments])
      readings.push(name === known.environment ? known : await read(name));
    return readings;
  };
  if (env === allEnvironments) return tellEnvironments(output, await readAll(await read(undefined)));
  const asked = await read(env);
  if (!asked.loaded.ok) return tellProblems(output, asked.loaded.problems);
  const { configuration, effective, notes, warnings } = asked.loaded;
  const shared = findShared(comparable(await readAll(asked)));
  tellRemarks(output, { notes, warnings: sortProblems([...warnings, ...shared]) });
  output.out(print ? printConfiguration(effective) : `${summarize(configuration)}\n`);
  return exitCode.well;
}

/**
 * The configurations whose secrets should differ: those of all environments that load. Where there is but one, the
 * configuration without it is the other one.
 */
function comparable(readings: readonly Reading[]): InEnvironment[] {
  const named = readings.filter(({ environment }) => environment !== undefined);
  return (named.length === 1 ? readings : named).flatMap(({ environment, loaded }) =>
    loaded.ok ? [{ environment, effective: loaded.effective }] : [],
  );
}

function tellProblems(output: Output, problems: readonly Problem[]): ExitCode {
  for (const problem of problems) output.err(`${formatProblem(problem)}\n`);
  return exitCode.wrongInput;
}

function tellRemarks(output: Output, { warnings, notes }: Omit<Findings, 'problems'>): void {
  for (const warning of warnings) output.err(`warning: ${formatProblem(warning)}\n`);
  for (const note of notes) output.err(`note: ${formatProblem(note)}\n`);
}

function tellEnvironments(output: Output, readings: readonly Reading[]): ExitCode {
  const findings = gatherFindings(readings, findShared(comparable(readings)));
  tellRemarks(output, findings);
  if (findings.problems.length > 0) return tellProblems(output, findings.problems);
  for (const reading of readings)
    if (reading.loaded.ok) output.out(`${nameOf(reading)}: ${summarize(reading.loaded.configuration)}\n`);
  return exitCode.well;
}

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

export interface ValidateOptions {
  /** The environment to lay over; `all` is each of them. */
  readonly env?: string;
  /** Prints the configuration with its environment laid over. */
  readonly print?: boolean;
}

type Loaded = Awaited<ReturnType<typeof loadConfiguration>>;

/** A configuration with one environment laid over; undefined is none. */
interface Reading {
  readonly environment: string | undefined;
  readonly loaded: Loaded;
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
  const read = async (environment: string | undefined): Promise<Reading> => ({
    environment,
    loaded: await loadConfiguration(system, paths, compact({ environment, unresolved: 'warning' as const })),
  });
  if (env === allEnvironments && print)
    throw new Refused('--print shows one configuration: name one environment, or none.', exitCode.wrongInput);
  const asked = await read(env === allEnvironments ? undefined : env);
  const others = asked.loaded.environments.filter((name) => name !== env);
  const readings = [asked];
  for (const name of others) readings.push(await read(name));
  const shared = findShared(comparable(readings));
  return env === allEnvironments ? tellAll(output, readings, shared) : tellOne(output, asked, shared, print);
}

/**
 * The configurations whose values should differ: those of all environments that load. Where there is but one, the
 * configuration without it is the other one.
 */
function comparable(readings: readonly Reading[]): InEnvironment[] {
  const names = new Set(readings.map(({ environment }) => environment).filter((name) => name !== undefined));
  return readings.flatMap(({ environment, loaded }) =>
    loaded.ok && (environment !== undefined || names.size === 1) ? [{ environment, effective: loaded.effective }] : [],
  );
}

function tellOne(output: Output, { loaded }: Reading, shared: readonly Problem[], print: boolean): ExitCode {
  if (!loaded.ok) {
    for (const problem of loaded.problems) output.err(`${formatProblem(problem)}\n`);
    return exitCode.wrongInput;
  }
  const { configuration, effective, notes, warnings } = loaded;
  for (const warning of sortProblems([...warnings, ...shared])) output.err(`warning: ${formatProblem(warning)}\n`);
  for (const note of notes) output.err(`note: ${formatProblem(note)}\n`);
  output.out(print ? printConfiguration(effective) : `${summarize(configuration)}\n`);
  return exitCode.well;
}

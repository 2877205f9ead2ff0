import type { Configuration } from '../config/configuration.ts';
import { loadConfiguration } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import type { System } from '../system/system.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import type { Output } from './output.ts';

export interface ValidateOptions {
  /** The environment to lay over. */
  readonly env?: string;
}

const count = (number: number, name: string) => `${number} ${name}${number === 1 ? '' : 's'}`;

function summarize({ checks, tokens, budgets }: Configuration): string {
  return [count(checks.length, 'check'), count(tokens.length, 'token'), count(budgets.length, 'budget')].join(', ');
}

/**
 * `sonde validate PATH…`: all problems, or a summary. References without a value are warnings here, so that a
 * configuration can be validated where its secrets are not. Returns the exit code: 0, or 2 when something is wrong.
 */
export async function validate(
  system: System,
  output: Output,
  paths: readonly string[],
  { env }: ValidateOptions = {},
): Promise<ExitCode> {
  const loaded = await loadConfiguration(system, paths, {
    unresolved: 'warning',
    ...(env !== undefined && { environment: env }),
  });
  if (!loaded.ok) {
    for (const problem of loaded.problems) output.err(`${formatProblem(problem)}\n`);
    return exitCode.wrongInput;
  }
  for (const warning of loaded.warnings) output.err(`warning: ${formatProblem(warning)}\n`);
  output.out(`${summarize(loaded.configuration)}\n`);
  return exitCode.well;
}

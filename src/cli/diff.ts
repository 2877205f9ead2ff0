import { createHmac } from 'node:crypto';
import { compareConfigurations, type Difference } from '../config/compare.ts';
import type { Shown } from '../config/effective.ts';
import { loadConfiguration } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { compact } from '../model/compact.ts';
import type { System } from '../system/system.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import type { Output } from './output.ts';

export interface DiffOptions {
  readonly json?: boolean;
}

/** The configuration without an environment. */
const noEnvironment = '-';

/** Tells secrets apart without telling anything of them: by a key that ends with the process. */
function createFingerprint({ random }: System): (text: string) => string {
  const key = random.bytes(32);
  return (text) => createHmac('sha256', key).update(text).digest('hex').slice(0, 8);
}

/** Text on one line, so that no value can look like another line. */
function oneLine(text: string): string {
  return /^[^\p{C}\p{Z}]([^\p{C}]*[^\p{C}\p{Z}])?$/u.test(text) ? text : JSON.stringify(text);
}

function describe(shown: Shown | undefined, fingerprint: (text: string) => string): string {
  if (!shown) return '(not there)';
  const { reference = '' } = shown;
  if (shown.kind === 'unresolved') return `${oneLine(reference)} (${shown.problem})`;
  const value = shown.kind === 'secret' ? `[secret ${fingerprint(shown.value.reveal())}]` : oneLine(shown.text);
  return [value, ...(reference === '' ? [] : [oneLine(reference)])].join(' ');
}

/** One side of a difference, for machines. */
function asJson(shown: Shown | undefined, fingerprint: (text: string) => string) {
  if (!shown) return null;
  const { reference } = shown;
  if (shown.kind === 'plain') return compact({ value: shown.text, reference });
  if (shown.kind === 'unresolved') return { reference, problem: shown.problem };
  return compact({ secret: fingerprint(shown.value.reveal()), reference });
}

/**
 * `sonde diff FROM TO [PATH…]`: what differs between two environments, value by value; `-` is the configuration without
 * one. Secrets are shown by a short fingerprint that holds for this call alone. Returns the exit code: 0, or 2 when one
 * of the two does not load.
 */
export async function diff(
  system: System,
  output: Output,
  [from, to]: readonly [string, string],
  paths: readonly string[],
  { json = false }: DiffOptions = {},
): Promise<ExitCode> {
  const load = (name: string) => {
    const environment = name === noEnvironment ? undefined : name;
    return loadConfiguration(system, paths, compact({ environment, unresolved: 'warning' as const }));
  };
  const [before, after] = [await load(from), await load(to)];
  for (const [name, loaded] of [
    [from, before],
    [to, after],
  ] as const)
    if (!loaded.ok) for (const problem of loaded.problems) output.err(`${name}: ${formatProblem(problem)}\n`);
  if (!before.ok || !after.ok) return exitCode.wrongInput;
  const differences = compareConfigurations(before.effective, after.effective);
  output.out(json ? tellJson(differences, createFingerprint(system)) : tell(differences, [from, to], system));
  return exitCode.well;
}

function tellJson(differences: readonly Difference[], fingerprint: (text: string) => string): string {
  const rows = differences.map(({ path, from, to }) => ({
    path,
    from: asJson(from, fingerprint),
    to: asJson(to, fingerprint),
  }));
  return `${JSON.stringify(rows, undefined, 2)}\n`;
}

function tell(differences: readonly Difference[], names: readonly [string, string], system: System): string {
  const [from, to] = names;
  if (differences.length === 0) return `${from} and ${to} do not differ\n`;
  const fingerprint = createFingerprint(system);
  const width = Math.max(...names.map(({ length }) => length));
  const line = (name: string, shown: Shown | undefined) => `  ${name.padEnd(width)}  ${describe(shown, fingerprint)}\n`;
  return differences.map((each) => `${each.path}\n${line(from, each.from)}${line(to, each.to)}`).join('');
}

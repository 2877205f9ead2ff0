import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { stringify } from 'yaml';
import { once } from '../../src/cli/once.ts';
import { Refused } from '../../src/cli/refused.ts';
import { createSystem } from '../../src/system/system.ts';
import { createRecordedOutput, type RecordedOutput } from '../support/recorded-output.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type Canaries, createCanaries } from './canaries.ts';
import { tapServers } from './wire-tap.ts';

/** Characters that are written in another way nearly everywhere. */
export const awkward = `/+=&"'<%41>\\@:?#`;
/** Some that ASCII does not have, beside. */
export const foreign = `${awkward}é€`;

/** `${env:NAME}`. */
export const env = (name: string) => `\${env:${name}}`;

/** A shorter word on a wire is none of ours. */
const shortestHeard = 16;

/** The canaries of one test file, which hears of all that its servers are asked and answer. */
export interface CanarySetting extends Canaries {
  /** Makes a secret like no other. */
  secret(kind: string, ending?: string): string;
}

/** Prints at the end how much was searched for, and where. */
export function setOutCanaries(title: string): CanarySetting {
  const canaries = createCanaries();
  let tap: Disposable | undefined;
  beforeAll(() => {
    tap = tapServers((kind, value) => {
      if (value.length >= shortestHeard) canaries.add(kind, value);
    });
  });
  afterAll(() => {
    tap?.[Symbol.dispose]();
    process.stdout.write(`${title}: ${figures(canaries)}\n`);
  });
  return {
    ...canaries,
    secret(kind, ending = '') {
      const value = `${kind.replaceAll(' ', '-')}-${randomBytes(15).toString('base64url')}${ending}`;
      canaries.add(kind, value);
      return value;
    },
  };
}

function figures({ kinds, searched }: Canaries): string {
  const counts = [...kinds()].sort(([one], [other]) => one.localeCompare(other));
  const { canaries, places, characters } = searched();
  const list = counts.map(([kind, count]) => `${count} ${kind}`).join(', ');
  return `${canaries} canaries in ${places} places (${Math.round(characters / 1024)} KiB); ${list}.`;
}

/** Looks for all canaries in all places; of each of these kinds there has to be one. */
export function expectNoLeaks({ kinds, leaks }: Canaries, ...expected: readonly string[]): void {
  expect([...kinds().keys()]).toEqual(expect.arrayContaining([...expected]));
  const found = leaks().map(({ canary, place, context }) => `${place}: ${canary}\n    … ${context} …`);
  expect(found.slice(0, 20)).toEqual([]);
}

/** A configuration in a folder of its own, and the variables that it refers to. */
export interface CanaryHome {
  readonly folder: string;
  readonly file: string;
  readonly stateDir: string;
  readonly environment: Readonly<Record<string, string>>;
  write(configuration: object | string): Promise<void>;
}

export async function newHome(environment: Readonly<Record<string, string>>): Promise<CanaryHome> {
  const folder = await temporaryFolder();
  const file = join(folder, 'sonde.yaml');
  return {
    folder,
    file,
    stateDir: join(folder, 'state'),
    environment,
    write: (configuration) =>
      writeFile(file, typeof configuration === 'string' ? configuration : stringify(configuration)),
  };
}

/** This machine, with the variables of a home. */
export function systemOf({ environment }: CanaryHome) {
  const system = createSystem();
  return { ...system, environment: (name: string) => environment[name] ?? system.environment(name) };
}

export const noSignals = { onReload() {}, onStop() {} };

/** Runs a command in this process, and notes what it prints, sentences of a refusal too. */
export async function runCommand(
  canaries: Canaries,
  name: string,
  command: (output: RecordedOutput) => Promise<number>,
): Promise<{ readonly exit: number; readonly out: string; readonly err: string }> {
  const output = createRecordedOutput();
  const exit = await command(output).catch((error: unknown) => {
    if (!(error instanceof Refused)) throw error;
    output.err(`${error.message}\n`);
    return error.exit;
  });
  canaries.place(`${name} stdout`, output.outText());
  canaries.place(`${name} stderr`, output.errText());
  return { exit, out: output.outText(), err: output.errText() };
}

/** `sonde once --json --junit`; resolves with what it printed. */
export async function runOnce(canaries: Canaries, home: CanaryHome, name: string): Promise<string> {
  const junit = join(home.folder, 'report.xml');
  const options = { json: true, junit, colour: false, stateDir: home.stateDir };
  const { out, err } = await runCommand(canaries, `${name}: once --json`, (output) =>
    once(systemOf(home), output, noSignals, [home.file], options),
  );
  expect(err).not.toContain(home.file);
  canaries.place(`${name}: the JUnit report`, await readFile(junit, 'utf8'));
  return out;
}

/** `sonde once` for a person. */
export async function runOnceForPerson(canaries: Canaries, home: CanaryHome, name: string): Promise<void> {
  await runCommand(canaries, `${name}: once`, (output) =>
    once(systemOf(home), output, noSignals, [home.file], { colour: true, stateDir: home.stateDir }),
  );
}

/** Notes all files of the state folder. `lawful`: kinds that may stand in them. */
export async function placeState(
  canaries: Canaries,
  { stateDir }: CanaryHome,
  name: string,
  lawful: readonly string[] = [],
): Promise<void> {
  for (const entry of await readdir(stateDir, { withFileTypes: true, recursive: true }))
    if (entry.isFile())
      canaries.place(`${name}: ${entry.name}`, await readFile(join(entry.parentPath, entry.name), 'latin1'), lawful);
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type LoadOptions, loadConfiguration } from '../../src/config/load.ts';
import { formatProblem, type Problem } from '../../src/config/problem.ts';
import { createVirtualSystem, type VirtualSystem } from './virtual-system.ts';

/** A folder with these files (names to contents) that is gone when the test has finished. */
export async function createFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** Problems as a person reads them, with the folder left out. */
export function showProblems(problems: readonly Problem[], folder: string): string[] {
  return problems.map((problem) => formatProblem(problem).replaceAll(`${folder}/`, ''));
}

export interface LoadTextOptions extends Partial<LoadOptions> {
  readonly system?: VirtualSystem;
  /** Of the environment of the process. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether a secret in plain text is the mistake that it is. Most tests write theirs so, and are about something else. */
  readonly refusesPlaintext?: boolean;
}

/** A file of its own, read last, so that no place in the others changes. */
const plaintextFile = { 'zz-plaintext.yaml': 'allow_plaintext_secrets: true\n' };

/** Loads configuration text as the file `sonde.yaml`, or several files, from real files in a folder of their own. */
export async function loadText(text: string | Readonly<Record<string, string>>, options: LoadTextOptions = {}) {
  const {
    system = createVirtualSystem(),
    unresolved = 'error',
    environment,
    refusesPlaintext = false,
    variables = {},
  } = options;
  for (const [name, value] of Object.entries(variables)) system.environmentVariables.set(name, value);
  const files = typeof text === 'string' ? { 'sonde.yaml': text } : text;
  const folder = await createFolder({ ...files, ...(!refusesPlaintext && plaintextFile) });
  const loaded = await loadConfiguration(system, [folder], {
    unresolved,
    ...(environment !== undefined && { environment }),
  });
  return { loaded, folder, problems: loaded.ok ? [] : showProblems(loaded.problems, folder) };
}

/** The configuration that a text loads to; throws its problems when it does not load. */
export async function loadWell(text: string | Readonly<Record<string, string>>, options: LoadTextOptions = {}) {
  const { loaded, problems } = await loadText(text, options);
  if (!loaded.ok) throw new Error(problems.join('\n'));
  return loaded;
}

/** Loads configuration text as `sonde.yaml`, from files that are faked: for many texts. */
export function loadFromMemory(text: string, unresolved: LoadOptions['unresolved']) {
  const { files, ...others } = createVirtualSystem();
  const faked = {
    ...files,
    stat: async () => ({ isFolder: false, isFile: true, size: text.length, mode: 0o600 }),
    readText: async () => text,
  };
  return loadConfiguration({ ...others, files: faked }, ['sonde.yaml'], { unresolved });
}

/** Text of a file, and all that is said of it: places without the file's name. */
type Mistake = readonly [text: string, ...said: string[]];

/** A test for each text: exactly these problems are told, in this order. */
export function tellMistakes(mistakes: Readonly<Record<string, Mistake>>): void {
  it.each(Object.entries(mistakes))('tells of %s', async (_, [text, ...said]) => {
    const { problems } = await loadText(text);
    expect(problems).toEqual(said.map((each) => `sonde.yaml:${each}`));
  });
}

/** A check named `api` with more keys. */
export const checkWith = (lines: string) =>
  `checks:\n  api:\n    http: https://api.example.com\n${lines.replace(/^/gm, '    ')}`;

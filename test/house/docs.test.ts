import { glob, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { createJsonSchema } from '../../src/config/json-schema.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { causes } from '../../src/model/cause.ts';
import { probeKinds } from '../../src/probes/index.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';
import { type Block, readPage } from './markdown.ts';

const root = join(import.meta.dirname, '../..');
const texts = new Map<string, string>();
for await (const path of glob(['*.md', 'docs/**/*.md'], { cwd: root }))
  texts.set(path, await readFile(join(root, path), 'utf8'));
const paths = [...texts.keys()].sort();
const pages = new Map([...texts].map(([path, text]) => [path, readPage(text)]));

async function exists(path: string): Promise<boolean> {
  return stat(join(root, path)).then(
    () => true,
    () => false,
  );
}

/** Why a link of a page leads nowhere; undefined when it leads somewhere, or out of the repository. */
async function deadEnd(path: string, target: string): Promise<string | undefined> {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [file = '', anchor] = target.split('#');
  const goal = file === '' ? path : join(dirname(path), file);
  if (!(await exists(goal))) return `${goal} is not there`;
  const page = pages.get(goal);
  return anchor === undefined || page?.anchors.has(anchor) ? undefined : `${goal} has no heading #${anchor}`;
}

/** Those of the lab are one configuration; each other file is one of its own. */
const shipped: string[][] = [[]];
for await (const file of glob('checks/*.yaml', { cwd: root }))
  if (file.startsWith('checks/lab')) shipped[0]?.push(file);
  else shipped.push([file]);

/** Without the variables and files that it refers to. */
function load(files: readonly string[]) {
  return loadConfiguration(createVirtualSystem(), files, { unresolved: 'warning' });
}

const infoOfYaml = /^yaml(?: with (\S+)| (\w+))?$/;

/**
 * What is wrong with a block, each with its line on the page: `yaml` is a whole configuration, `yaml with FILE` is one
 * beside a file that ships; any other word, as in `yaml fragment` or `yaml prometheus`, says that it is neither.
 */
async function problemsOf(path: string, { info, text, line }: Block): Promise<readonly string[]> {
  const [known, beside, other] = infoOfYaml.exec(info) ?? [];
  if (known === undefined) return [`${path}:${line}: expected yaml, yaml with FILE or yaml fragment, not ${info}`];
  if (other) return parseDocument(text).errors.map(({ message }) => `${path}:${line}: ${message}`);
  const folder = await mkdtemp(join(tmpdir(), 'sonde-docs-'));
  try {
    const file = join(folder, 'block.yaml');
    await writeFile(file, text);
    const outcome = await load(beside ? [file, join(root, beside)] : [file]);
    if (outcome.ok) return [];
    return outcome.problems.map(({ line: inBlock = 0, message }) => `${path}:${line + inBlock}: ${message}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe.each(paths)('%s', (path) => {
  const page = pages.get(path) ?? readPage('');

  it('links only to what is there', async () => {
    const found: string[] = [];
    for (const { target, line } of page.links) {
      const problem = await deadEnd(path, target);
      if (problem) found.push(`${path}:${line}: ${problem}`);
    }
    expect(found).toEqual([]);
  });

  it.each(page.blocks.filter(({ info }) => /^ya?ml/.test(info)))('has YAML that loads, line $line', async (block) => {
    expect(await problemsOf(path, block)).toEqual([]);
  });

  it('names only npm scripts that there are', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const named = [...(texts.get(path) ?? '').matchAll(/npm run (?:-s )?([a-z:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('the check definitions that ship', () => {
  it.each(shipped)('%j load', async (...files) => {
    const outcome = await load(files.map((file) => join(root, file)));
    expect(outcome.ok ? [] : outcome.problems.map(formatProblem)).toEqual([]);
  });

  it.each(shipped.flat())('%s points editors to the schema', async (file) => {
    const [modeline = ''] = (await readFile(join(root, file), 'utf8')).split('\n');
    const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)$/.exec(modeline) ?? [];
    expect(schema).not.toBe('');
    expect(await deadEnd(file, schema)).toBeUndefined();
  });
});

describe('the schema that ships', () => {
  it('is what `npm run -s sonde -- schema > checks/sonde.schema.json` writes', async () => {
    const text = await readFile(join(root, 'checks/sonde.schema.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(createJsonSchema(probeKinds))));
  });
});

describe('the catalogue of causes', () => {
  it('is the table of the code', () => {
    const rows = pages.get('docs/causes.md')?.rows.filter((cells) => cells.length === 5) ?? [];
    expect(rows).toEqual([
      ['code', 'outcome', 'blame', 'what it means', 'what to do'],
      ...Object.entries(causes).map(([code, { outcome, blame, sentence, action }]) => [
        `\`${code}\``,
        outcome,
        blame,
        sentence,
        action,
      ]),
    ]);
  });
});

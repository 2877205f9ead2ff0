import { glob, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { causeTable } from './cause-table.ts';
import { readPage } from './markdown.ts';

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

describe.each(paths)('%s', (path) => {
  const page = pages.get(path) ?? { blocks: [], links: [], anchors: new Set() };

  it('links only to what is there', async () => {
    const found: string[] = [];
    for (const { target, line } of page.links) {
      const problem = await deadEnd(path, target);
      if (problem) found.push(`${path}:${line}: ${problem}`);
    }
    expect(found).toEqual([]);
  });

  it('names only npm scripts that there are', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const named = [...(texts.get(path) ?? '').matchAll(/npm run (?:-s )?([a-z:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('the catalogue of causes', () => {
  it('is the table of the code', () => {
    expect(texts.get(join('docs', 'causes.md'))).toContain(`\n${causeTable()}\n`);
  });
});

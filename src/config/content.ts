import { probeKinds } from '../probes/index.ts';
import { expandMainKeys } from './kind-spec.ts';
import type { Problem } from './problem.ts';
import type { Sources } from './sources.ts';
import { mergeSources } from './yaml/merge.ts';
import { parseSource } from './yaml/parse.ts';
import { describeTree, isEmpty, type MapTree, type Tree } from './yaml/tree.ts';

/** What stands in the files of a configuration. */
export interface Content {
  /** All files put together, each kind of probe in its long form. */
  readonly merged: MapTree;
  /** Whether something stands in a file that could not be read, so that what is missing may be there. */
  readonly incomplete: boolean;
}

/** Expands the main keys of all checks, those of environments too, so that an overlay can change a key of a kind. */
function expandChecks(content: MapTree): MapTree {
  const entries = new Map(content.entries);
  const change = (key: string, how: (tree: Tree) => Tree) => {
    const entry = entries.get(key);
    if (entry) entries.set(key, { ...entry, tree: how(entry.tree) });
  };
  change('checks', (checks) => mapEntries(checks, (check) => expandMainKeys(check, probeKinds)));
  change('environments', (environments) =>
    mapEntries(environments, (environment) => (environment.type === 'map' ? expandChecks(environment) : environment)),
  );
  return { ...content, entries };
}

function mapEntries(tree: Tree, change: (tree: Tree) => Tree): Tree {
  if (tree.type !== 'map') return tree;
  const entries = [...tree.entries].map(([key, entry]) => [key, { ...entry, tree: change(entry.tree) }] as const);
  return { ...tree, entries: new Map(entries) };
}

/** Reads the files and puts them together. What is wrong goes to `problems`. */
export function readContent(sources: Sources, problems: Problem[]): Content {
  const contents: MapTree[] = [];
  let incomplete = sources.problems.length > 0 || sources.files.length === 0;
  for (const file of sources.files) {
    const { tree, problems: found } = parseSource(file);
    problems.push(...found);
    if (found.length > 0 && !tree) incomplete = true;
    if (tree?.type === 'map') contents.push(tree);
    else if (tree && !isEmpty(tree)) {
      const message = `the file is ${describeTree(tree)}; expected a mapping with checks or tokens`;
      problems.push({ ...tree.place, message });
    }
  }
  const start = { file: sources.files[0]?.path ?? '', line: 1, column: 1 };
  const nothing: MapTree = { type: 'map', place: start, entries: new Map() };
  const merged = mergeSources(nothing, contents, (place, message) => problems.push({ ...place, message }));
  return { merged: expandChecks(merged), incomplete };
}

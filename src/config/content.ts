import { probeKinds } from '../probes/index.ts';
import type { Slices } from '../system/slices.ts';
import { expandMainKeys } from './kind-spec.ts';
import type { Problem } from './problem.ts';
import type { Sources } from './sources.ts';
import { mergeSources } from './yaml/merge.ts';
import type { ParseFile } from './yaml/parse-sources.ts';
import { describeTree, type Entry, isEmpty, type MapTree, type Tree } from './yaml/tree.ts';

/** What stands in the files of a configuration. */
export interface Content {
  /** All files put together, each kind of probe in its long form. */
  readonly merged: MapTree;
  /** Whether something stands in a file that could not be read, so that what is missing may be there. */
  readonly incomplete: boolean;
}

/** Expands the main keys of all checks, those of environments too, so that an overlay can change a key of a kind. */
async function expandChecks(content: MapTree, slices: Slices): Promise<MapTree> {
  const entries = new Map(content.entries);
  const change = async (key: string, how: (tree: Tree) => Tree | Promise<Tree>) => {
    const entry = entries.get(key);
    if (entry?.tree.type !== 'map') return;
    const changed = new Map<string, Entry>();
    for (const [name, named] of entry.tree.entries) {
      changed.set(name, { ...named, tree: await how(named.tree) });
      await slices.step();
    }
    entries.set(key, { ...entry, tree: { ...entry.tree, entries: changed } });
  };
  await change('checks', (check) => expandMainKeys(check, probeKinds));
  await change('environments', (environment) =>
    environment.type === 'map' ? expandChecks(environment, slices) : environment,
  );
  return { ...content, entries };
}

/** Reads the files and puts them together. What is wrong goes to `problems`. */
export async function readContent(
  sources: Sources,
  problems: Problem[],
  parse: ParseFile,
  slices: Slices,
): Promise<Content> {
  const contents: MapTree[] = [];
  let incomplete = sources.problems.length > 0 || sources.files.length === 0;
  for (const file of sources.files) {
    const { tree, problems: found } = await parse(file, slices);
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
  return { merged: await expandChecks(merged, slices), incomplete };
}

import type { Place } from '../../model/place.ts';

/** Where a value stands within a tree, from its root. */
export type Path = readonly (string | number)[];

export interface ScalarTree {
  readonly type: 'scalar';
  readonly place: Place;
  readonly value: string | number | boolean | null;
  /** The value as it is written: `1.10`, where the value is 1.1. */
  readonly source: string;
}

export interface ListTree {
  readonly type: 'list';
  readonly place: Place;
  readonly items: readonly Tree[];
}

export interface Entry {
  readonly keyPlace: Place;
  readonly tree: Tree;
}

export interface MapTree {
  readonly type: 'map';
  readonly place: Place;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** The content of configuration files; each value keeps its place through merging and overlays. */
export type Tree = ScalarTree | ListTree | MapTree;

/** Whether nothing stands there: `checks:` alone. */
export function isEmpty(tree: Tree): boolean {
  return tree.type === 'scalar' && tree.value === null;
}

/** What a tree is, in words. */
export function describeTree(tree: Tree): string {
  if (tree.type === 'list') return 'a list';
  if (tree.type === 'map') return 'a mapping';
  if (tree.value === null) return 'empty';
  return typeof tree.value === 'string' ? 'text' : tree.source;
}

/** The keys of a mapping; none for all else. */
export function keysOf(tree: Tree): string[] {
  return tree.type === 'map' ? [...tree.entries.keys()] : [];
}

/** The part of a tree at a path; undefined when there is none. */
export function treeAt(tree: Tree, path: Path): Tree | undefined {
  let at: Tree | undefined = tree;
  for (const step of path) {
    if (at?.type === 'map') at = at.entries.get(String(step))?.tree;
    else if (at?.type === 'list') at = at.items[Number(step)];
    else return undefined;
  }
  return at;
}

/** The place of what stands at a path, or of the nearest thing around it that is there. */
export function placeAt(tree: Tree, path: Path): Place {
  let place = tree.place;
  for (let length = 1; length <= path.length; length++) {
    const part = treeAt(tree, path.slice(0, length));
    if (!part) break;
    place = part.place;
  }
  return place;
}

/** The place of the key at the end of a path. */
export function keyPlaceAt(tree: Tree, path: Path): Place {
  const parent = treeAt(tree, path.slice(0, -1));
  const entry = parent?.type === 'map' ? parent.entries.get(String(path.at(-1))) : undefined;
  return entry?.keyPlace ?? placeAt(tree, path);
}

/** All values that are neither lists nor mappings, with their paths. */
export function* scalarsOf(tree: Tree, path: Path = []): Generator<readonly [ScalarTree, Path]> {
  if (tree.type === 'scalar') yield [tree, path];
  if (tree.type === 'list') for (const [index, item] of tree.items.entries()) yield* scalarsOf(item, [...path, index]);
  if (tree.type === 'map') for (const [key, entry] of tree.entries) yield* scalarsOf(entry.tree, [...path, key]);
}

/** The content of files in parts that each take little time to look through: the entries of its sections. */
export function* partsOf(content: MapTree): Generator<readonly [Tree, Path]> {
  for (const [section, { tree }] of content.entries)
    if (tree.type === 'map') for (const [name, entry] of tree.entries) yield [entry.tree, [section, name]];
    else yield [tree, [section]];
}

type ScalarChange = (scalar: ScalarTree, path: Path) => ScalarTree;

/** A tree in which each scalar is what `change` makes of it. */
export function mapScalars(tree: MapTree, change: ScalarChange, path?: Path): MapTree;
export function mapScalars(tree: Tree, change: ScalarChange, path?: Path): Tree;
export function mapScalars(tree: Tree, change: ScalarChange, path: Path = []): Tree {
  if (tree.type === 'scalar') return change(tree, path);
  if (tree.type === 'list')
    return { ...tree, items: tree.items.map((item, index) => mapScalars(item, change, [...path, index])) };
  const entries = [...tree.entries].map(
    ([key, entry]) => [key, { ...entry, tree: mapScalars(entry.tree, change, [...path, key]) }] as const,
  );
  return { ...tree, entries: new Map(entries) };
}

/** A mapping with only the entries whose key is wanted. */
export function pick(map: MapTree, wanted: (key: string) => boolean): MapTree {
  return { ...map, entries: new Map([...map.entries].filter(([key]) => wanted(key))) };
}

/** The values alone. Keys that would reach an object's prototype have been refused by the parser. */
export function toPlain(tree: Tree): unknown {
  if (tree.type === 'scalar') return tree.value;
  if (tree.type === 'list') return tree.items.map(toPlain);
  return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, toPlain(entry.tree)]));
}

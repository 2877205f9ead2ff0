import type { Place } from '../../model/place.ts';
import type { Slices } from '../../system/slices.ts';
import type { Entry, MapTree, Tree } from './tree.ts';

/**
 * A tree as lines of JSON, in which it goes from one thread to another: as bytes it is handed over without a copy, and
 * read line by line it stalls nobody. Mappings have a line for each of their entries down to this depth, which is that of
 * a key of a check.
 */
const linedDepth = 3;

type Value = string | number | boolean | null;
type PackedEntry = readonly [key: string, line: number, column: number, tree: Packed];
/** Scalars with their source, lists, mappings; the file is the same for all. */
type Packed =
  | readonly [type: 's', line: number, column: number, value: Value, source: string]
  | readonly [type: 'l', line: number, column: number, items: readonly Packed[]]
  | readonly [type: 'm', line: number, column: number, entries: readonly PackedEntry[]];
/** The depth of an entry and the entry. */
type Line = readonly [depth: number, ...PackedEntry];

function pack(tree: Tree): Packed {
  const { line, column } = tree.place;
  if (tree.type === 'scalar') return ['s', line, column, tree.value, tree.source];
  if (tree.type === 'list') return ['l', line, column, tree.items.map(pack)];
  return ['m', line, column, [...tree.entries].map(([key, entry]) => packEntry(key, entry, pack(entry.tree)))];
}

function packEntry(key: string, { keyPlace }: Entry, packed: Packed): PackedEntry {
  return [key, keyPlace.line, keyPlace.column, packed];
}

function withoutEntries({ place }: MapTree): Packed {
  return ['m', place.line, place.column, []];
}

function* linesOf(tree: MapTree, depth: number): Generator<Line> {
  for (const [key, entry] of tree.entries) {
    const isOpened = entry.tree.type === 'map' && depth < linedDepth;
    yield [depth, ...packEntry(key, entry, isOpened ? withoutEntries(entry.tree) : pack(entry.tree))];
    if (isOpened) yield* linesOf(entry.tree, depth + 1);
  }
}

/** Writes a tree, for `readTree`. All of it is of one file. */
export function writeTree(tree: Tree): Uint8Array<ArrayBuffer> {
  const root = tree.type === 'map' ? withoutEntries(tree) : pack(tree);
  const lines = tree.type === 'map' ? [...linesOf(tree, 1)] : [];
  return new TextEncoder().encode([root, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** A mapping to which entries are still added. */
interface OpenMap extends MapTree {
  readonly entries: Map<string, Entry>;
}

function unpack(packed: Packed, file: string): Exclude<Tree, MapTree> | OpenMap {
  const [type, line, column] = packed;
  const place: Place = { file, line, column };
  if (type === 's') return { type: 'scalar', place, value: packed[3], source: packed[4] };
  if (type === 'l') return { type: 'list', place, items: packed[3].map((item) => unpack(item, file)) };
  return { type: 'map', place, entries: new Map(packed[3].map((entry) => unpackEntry(entry, file))) };
}

function unpackEntry([key, line, column, packed]: PackedEntry, file: string) {
  return [key, { keyPlace: { file, line, column }, tree: unpack(packed, file) }] as const;
}

/** Reads what `writeTree` has written of `file`. */
export async function readTree(text: Uint8Array<ArrayBuffer>, file: string, slices: Slices): Promise<Tree> {
  const bytes = Buffer.from(text.buffer);
  /** By depth: the mapping whose entries come. */
  const open: OpenMap[] = [];
  let end = bytes.indexOf('\n');
  const root = unpack(JSON.parse(bytes.toString('utf8', 0, end)), file);
  if (root.type === 'map') open[1] = root;
  while (end + 1 < bytes.length) {
    const start = end + 1;
    end = bytes.indexOf('\n', start);
    const [depth, ...packed]: Line = JSON.parse(bytes.toString('utf8', start, end));
    const [key, entry] = unpackEntry(packed, file);
    open[depth]?.entries.set(key, entry);
    if (entry.tree.type === 'map') open[depth + 1] = entry.tree;
    await slices.step();
  }
  return root;
}

import type { Slices } from '../../system/slices.ts';
import type { SourceFile } from '../sources.ts';
import { findNestingFault } from './nesting.ts';
import { parseText } from './parse.ts';
import type { Entry, MapTree } from './tree.ts';

/** Some lines of a file: an entry at its top, or one of `checks:`. */
interface Piece {
  readonly isCheck: boolean;
  readonly firstLine: number;
  readonly text: string;
}

/** What is longer is not parsed in a moment. */
const longestPiece = 16 * 1024;
/** With fewer brackets than that, no text nests too deeply, or makes the parser slow. */
const fewBrackets = 64;

/** A line that begins an entry with a plain key, as nearly all are written. */
const entryLine = /^( *)[A-Za-z0-9_][\w.-]*:(?: |$)/;
/** The section whose entries are pieces of their own, since it is the one that grows. */
const checksLine = /^checks: *(?:#.*)?$/;
const blankLine = /^ *(?:#|$)/;
/** An anchor, which an alias in another piece may mean, or what was no UTF-8. */
const unclear = /(?:^|[\s[{,])&|\uFFFD/;

function* linesOf(text: string): Generator<readonly [line: string, start: number]> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const next = end < 0 ? text.length : end + 1;
    yield [text.slice(start, end < 0 ? next : end), start];
    start = next;
  }
}

/**
 * Cuts a file before each entry at its top and before each check. Whatever belongs to an entry of a block mapping is
 * indented further than its key (YAML 1.2.2 section 8.2.2): so a line that is not, and begins with a key, begins the next
 * entry. Ends with undefined at a line that does not tell at a glance what it belongs to.
 */
function* cut(text: string): Generator<Piece | undefined, void> {
  let begun: { readonly isCheck: boolean; readonly firstLine: number; readonly start: number } | undefined;
  /** The indentation of checks while their section lasts: 0 before the first of them. */
  let checksIndent: number | undefined;
  let number = 0;
  for (const [line, start] of linesOf(text)) {
    number += 1;
    if (blankLine.test(line)) continue;
    const indent = entryLine.exec(line)?.[1]?.length;
    const isTop = !line.startsWith(' ');
    if (checksIndent === 0 && !isTop) checksIndent = indent;
    const isCheck = !isTop && indent !== undefined && indent === checksIndent;
    if (isCheck || (isTop && indent !== undefined)) {
      if (begun) yield { ...begun, text: text.slice(begun.start, start) };
      begun = { isCheck, firstLine: number, start };
      if (isTop) checksIndent = checksLine.test(line) ? 0 : undefined;
    } else if (isTop || !begun || (checksIndent !== undefined && !line.startsWith(' '.repeat(checksIndent + 1)))) {
      return yield undefined;
    }
  }
  if (begun) yield { ...begun, text: text.slice(begun.start) };
}

function isSimple({ text }: Piece): boolean {
  if (text.length > longestPiece || unclear.test(text)) return false;
  const brackets = text.match(/[[\]{}]/g)?.length ?? 0;
  return brackets < fewBrackets || findNestingFault(text) === undefined;
}

/** Parses a piece; undefined where anything is wrong with it. */
function parsePiece({ isCheck, firstLine, text }: Piece, path: string): MapTree | undefined {
  const { tree, problems } = parseText({ path, text, firstLine, depth: isCheck ? 2 : 1 });
  return tree?.type === 'map' && problems.length === 0 ? tree : undefined;
}

/**
 * The tree of a file that is plainly written, as `parseSource` gives it, made of one check after the other: so that no
 * step takes long, and what the parser leaves behind is small and soon gone. Undefined where anything is wrong with the
 * file, or not so plain that its pieces are sure to mean by themselves what they mean together.
 */
export async function parseInPieces({ path, text }: SourceFile, slices: Slices): Promise<MapTree | undefined> {
  const entries = new Map<string, Entry>();
  const checks = new Map<string, Entry>();
  let root: MapTree | undefined;
  for (const piece of cut(text)) {
    const tree = piece && isSimple(piece) ? parsePiece(piece, path) : undefined;
    if (!piece || !tree) return undefined;
    root ??= { ...tree, entries };
    const section = piece.isCheck ? entries.get('checks') : undefined;
    if (section && checks.size === 0)
      entries.set('checks', { ...section, tree: { type: 'map', place: tree.place, entries: checks } });
    const into = section ? checks : entries;
    for (const [name, entry] of tree.entries) {
      if (into.has(name)) return undefined;
      into.set(name, entry);
    }
    await slices.step();
  }
  return root;
}

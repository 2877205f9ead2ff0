import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { namesCredential } from '../../model/credential-name.ts';
import type { Place } from '../../model/place.ts';
import { formatPlace, type Problem, type Report } from '../problem.ts';
import { showKey } from '../show-key.ts';
import type { SourceFile } from '../sources.ts';
import { deepest, findNestingFault } from './nesting.ts';
import { describeSyntaxError } from './syntax.ts';
import type { Entry, Tree } from './tree.ts';

/** What all aliases of a file may stand for together, in values. */
const largestExpansion = 100_000;

/** What is wrong with a line is worth saying once, and a page of it is enough. */
const mostSyntaxProblems = 20;

/** Keys that would reach the prototype of an object. */
const refusedKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** A part of the file that has been read, with what it costs to repeat it by an alias. */
interface Read {
  readonly tree: Tree;
  readonly height: number;
  readonly size: number;
}

/** Turns the nodes of one document into a tree. What it reports by `reportTwice` leaves the rest of the tree whole. */
function createReader(placeOf: (offset: number) => Place, report: Report, reportTwice: Report) {
  const anchors = new Map<string, Read>();
  let expanded = 0;

  /** A node that is not written, such as the value in `{ a }`, is where what is around it is. */
  const placeOfNode = (node: unknown, around: Place): Place =>
    isNode(node) && node.range ? placeOf(node.range[0]) : around;

  const emptyAt = (place: Place): Read => ({
    tree: { type: 'scalar', place, value: null, source: '' },
    height: 1,
    size: 1,
  });

  const scalarAt = (node: Scalar, place: Place): Read => {
    const { value, source = '' } = node;
    const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return { tree: { type: 'scalar', place, value: known ? value : null, source }, height: 1, size: 1 };
  };

  const repeat = (name: string, place: Place, depth: number): Read => {
    const meant = anchors.get(name);
    expanded += meant?.size ?? 0;
    if (meant && expanded <= largestExpansion && depth + meant.height <= deepest) return meant;
    if (!meant)
      report(
        place,
        'an alias (what begins with "*") repeats nothing; expected its anchor before it, or quotes around a text',
      );
    else if (expanded > largestExpansion)
      report(place, `aliases repeat more than ${largestExpansion} values; expected far fewer`);
    else report(place, `is nested more than ${deepest} levels deep; expected far fewer`);
    return emptyAt(place);
  };

  const readKey = (key: unknown, place: Place): string | undefined => {
    if (!isScalar(key) || key.value === null) {
      report(place, 'this key is no text; expected a name');
      return undefined;
    }
    const name = typeof key.value === 'string' ? key.value : String(key.source);
    if (name === '<<') report(place, 'merge keys ("<<") are not read; repeat the keys, or use "defaults"');
    else if (refusedKeys.has(name)) report(place, `"${name}" cannot be used as a key; choose another name`);
    else return name;
    return undefined;
  };

  const readMap = (map: YAMLMap, place: Place, depth: number, isClosed: boolean): Read => {
    const entries = new Map<string, Entry>();
    let height = 0;
    let size = 1;
    for (const pair of map.items as Pair[]) {
      const keyPlace = placeOfNode(pair.key, place);
      const name = readKey(pair.key, keyPlace);
      const value = read(pair.value, keyPlace, depth + 1, isClosed || isSecretKey(name));
      height = Math.max(height, value.height);
      size += value.size;
      const first = name === undefined ? undefined : entries.get(name);
      if (first)
        reportTwice(keyPlace, definedTwice(isClosed ? 'this key' : `"${showKey(String(name))}"`, first.keyPlace));
      else if (name !== undefined) entries.set(name, { keyPlace, tree: value.tree });
    }
    return { tree: { type: 'map', place, entries }, height: height + 1, size };
  };

  const readNode = (node: unknown, place: Place, depth: number, isClosed: boolean): Read => {
    if (depth > deepest) {
      report(place, `is nested more than ${deepest} levels deep; expected far fewer`);
      return emptyAt(place);
    }
    if (isAlias(node)) return repeat(node.source, place, depth);
    if (isMap(node)) return readMap(node, place, depth, isClosed);
    if (isScalar(node)) return scalarAt(node, place);
    if (!isSeq(node)) return emptyAt(place);
    const items = node.items.map((item) => read(item, placeOfNode(item, place), depth + 1, isClosed));
    return {
      tree: { type: 'list', place, items: items.map(({ tree }) => tree) },
      height: 1 + Math.max(0, ...items.map(({ height }) => height)),
      size: items.reduce((sum, { size }) => sum + size, 1),
    };
  };

  /** An empty value is where its key is: it has no place of its own. Below a key of a secret (`isClosed`) no key is shown. */
  const read = (node: unknown, around: Place, depth: number, isClosed: boolean): Read => {
    const isEmpty = isScalar(node) && node.value === null && node.source === '';
    const place = isEmpty ? around : placeOfNode(node, around);
    const done = readNode(node, place, depth, isClosed);
    if (!isAlias(node) && hasText(node, 'tag'))
      report(place, 'a tag (what begins with "!") is not read; quote a text instead');
    if (!isAlias(node) && hasText(node, 'anchor')) anchors.set(node.anchor, done);
    return done;
  };
  return read;
}

/** Whether a secret may stand behind a key. */
function isSecretKey(name = ''): boolean {
  return namesCredential(name) || ['value', 'key', 'old_keys'].includes(name);
}

function hasText<Name extends string>(node: unknown, name: Name): node is Record<Name, string> {
  return typeof node === 'object' && node !== null && name in node && typeof Reflect.get(node, name) === 'string';
}

/** The sentence about a name that stands twice, which shows both places: this one, and that of the first. */
export function definedTwice(name: string, first: Place): string {
  return `${name} is defined twice; expected once: the first is at ${formatPlace(first)}`;
}

/** Reports the syntax errors of a document; false when there are any. */
function reportSyntax(document: Document.Parsed, text: string, placeOf: (offset: number) => Place, report: Report) {
  const errors = [...document.errors, ...document.warnings];
  const lines = new Set<number>();
  for (const error of errors) {
    const place = placeOf(error.pos[0]);
    // One slip makes the parser stumble over the rest of its line.
    if (lines.size < mostSyntaxProblems && !lines.has(place.line)) report(place, describeSyntaxError(error, text));
    lines.add(place.line);
  }
  return errors.length === 0;
}

/** What a configuration file holds: no tree when it is empty, or when it could not be read whole, which is a problem. */
export interface ParsedSource {
  readonly tree?: Tree;
  readonly problems: readonly Problem[];
}

/** The content of one configuration file. */
export function parseSource({ path, text: raw }: SourceFile): ParsedSource {
  const text = raw.replace(/^\uFEFF/, '');
  const fault = findNestingFault(text);
  const undecodable = text.indexOf('\uFFFD');
  if (fault || undecodable >= 0) {
    const before = text.slice(0, fault?.offset ?? undecodable);
    const place = { file: path, line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
    return { problems: [{ ...place, message: fault?.message ?? 'is not text in UTF-8; expected UTF-8' }] };
  }
  return parseText({ path, text, firstLine: 1, depth: 1 });
}

/** A text that is a whole document by itself: a file, or a part of one. */
export interface SourceText extends SourceFile {
  /** The line of the file that it begins with, counted from 1. */
  readonly firstLine: number;
  /** How deep its content is nested in the file, counted from 1. */
  readonly depth: number;
}

/** The content of a text that is known to nest no brackets too deeply, which would hold the parser up for long. */
export function parseText({ path, text, firstLine, depth }: SourceText): ParsedSource {
  const problems: Problem[] = [];
  const report: Report = (place, message) => problems.push({ ...place, message });
  const lines = new LineCounter();
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file: path, line: Math.max(1, line) + firstLine - 1, column: Math.max(1, col) };
  };
  // Unique keys are seen to by the reader: the parser compares each key with all others.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  if (document.directives?.yaml.explicit && document.directives.yaml.version !== '1.2')
    report(placeOf(0), 'asks for another version of YAML; expected YAML 1.2: remove the %YAML line');
  if (!reportSyntax(document, text, placeOf, report) || document.contents === null) return { problems };
  let isWhole = problems.length === 0;
  const reportPart: Report = (place, message) => {
    isWhole = false;
    report(place, message);
  };
  const { tree } = createReader(placeOf, reportPart, report)(document.contents, placeOf(0), depth, false);
  return isWhole ? { tree, problems } : { problems };
}

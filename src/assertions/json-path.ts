import { jsonpath } from 'json-p3';
import type { Effort } from './effort.ts';
import { compileTest, type Scope, type Select } from './json-path-filter.ts';
import { isList, isMapping, visit } from './json-value.ts';

const { IndexSelector, NameSelector, SliceSelector, WildcardSelector } = jsonpath.selectors;

/** Adds what one selector finds in one value. */
type Selector = (value: unknown, scope: Scope, found: unknown[]) => void;

/** A JSONPath query (RFC 9535). */
export interface JsonPath {
  /** The values at the path, in the document's order; throws `EffortExceeded`. */
  select(document: unknown, effort: Effort): unknown[];
}

const environment = new jsonpath.JSONPathEnvironment();

/**
 * Throws an `Error` whose message says what is wrong with the path. The library reads the path; following it is our own:
 * the library's way recurses, spreads whole arrays into calls, backtracks in `match()` and knows no bound.
 */
export function compileJsonPath(path: string): JsonPath {
  const select = compileQuery(environment.compile(path));
  return { select: (document, effort) => select(document, { root: document, effort }) };
}

/** What is wrong with a JSONPath, as a sentence; undefined when it is right. */
export function jsonPathFault(path: string): string | undefined {
  if (!path.startsWith('$')) return 'not a JSONPath: it begins with $, for example $.data[0].id';
  try {
    compileJsonPath(path);
    return undefined;
  } catch (error) {
    return `not a JSONPath (RFC 9535): ${(error as Error).message}`;
  }
}

function compileQuery(query: jsonpath.JSONPathQuery): Select {
  const segments = query.segments.map((segment): Select => {
    const selectors = segment.selectors.map(compileSelector);
    if (segment.token.kind === jsonpath.TokenKind.DDOT) return descend(selectors);
    return (start, scope) => apply(selectors, start, scope);
  });
  return (start, scope) =>
    segments.reduce<unknown[]>((values, step) => values.flatMap((value) => step(value, scope)), [start]);
}

function apply(selectors: readonly Selector[], value: unknown, scope: Scope): unknown[] {
  const found: unknown[] = [];
  scope.effort.spend(visit);
  for (const selector of selectors) selector(value, scope, found);
  scope.effort.spend(visit * found.length);
  return found;
}

/**
 * Visits a value and all lists and mappings below it (in others there is nothing to find), parents first, with a stack of
 * its own: a document may be deeper than ours.
 */
function descend(selectors: readonly Selector[]): Select {
  return (start, scope) => {
    const found: unknown[] = [];
    const waiting = [start];
    while (waiting.length > 0) {
      const value = waiting.pop();
      for (const match of apply(selectors, value, scope)) found.push(match);
      for (const child of children(value, scope).toReversed())
        if (isList(child) || isMapping(child)) waiting.push(child);
    }
    return found;
  };
}

function children(value: unknown, { effort }: Scope): readonly unknown[] {
  if (isList(value)) return value;
  if (!isMapping(value)) return [];
  const values = Object.values(value);
  // The names of a large object are looked up one by one, in a table.
  effort.spend(4 * visit * values.length);
  return values;
}

function compileSelector(selector: jsonpath.JSONPathSelector): Selector {
  if (selector instanceof NameSelector) {
    const { name } = selector;
    return (value, _scope, found) => {
      if (isMapping(value) && Object.hasOwn(value, name)) found.push(value[name]);
    };
  }
  if (selector instanceof IndexSelector) {
    const { index } = selector;
    return (value, _scope, found) => {
      if (!isList(value)) return;
      const at = index < 0 ? value.length + index : index;
      if (at >= 0 && at < value.length) found.push(value[at]);
    };
  }
  if (selector instanceof SliceSelector)
    return (value, _scope, found) => isList(value) && slice(value, selector, found);
  if (selector instanceof WildcardSelector)
    return (value, scope, found) => {
      for (const child of children(value, scope)) found.push(child);
    };
  // RFC 9535 has five selectors, and this is the fifth.
  const test = compileTest((selector as jsonpath.selectors.FilterSelector).expression.expression, compileQuery);
  return (value, scope, found) => {
    for (const child of children(value, scope)) {
      scope.effort.spend(visit);
      if (test(child, scope)) found.push(child);
    }
  };
}

/** RFC 9535 section 2.3.4.2.2. */
function slice(list: readonly unknown[], selector: jsonpath.selectors.SliceSelector, found: unknown[]): void {
  const { start, stop, step = 1 } = selector;
  const from = (bound: number) => (bound < 0 ? list.length + bound : bound);
  const within = (bound: number, least: number, most: number) => Math.min(Math.max(from(bound), least), most);
  if (step > 0) {
    const end = within(stop ?? list.length, 0, list.length);
    for (let at = within(start ?? 0, 0, list.length); at < end; at += step) found.push(list[at]);
  } else if (step < 0) {
    const end = stop === undefined ? -1 : within(stop, -1, list.length - 1);
    for (let at = within(start ?? list.length - 1, -1, list.length - 1); at > end; at += step) found.push(list[at]);
  }
}

import type { AssertionKind } from '../assertions/assertion-kind.ts';
import { assertionKinds } from '../assertions/compile-assertions.ts';
import { suggest } from '../model/nearest.ts';
import type { ProbeKind } from '../probes/probe.ts';
import { checkTree } from './check-tree.ts';
import type { Report } from './problem.ts';
import { describeTree, keyPlaceAt, type MapTree, placeAt, type Tree, treeAt } from './yaml/tree.ts';

/** What the entries of `assert:` are read with. */
export interface AssertionContext {
  readonly kinds: readonly ProbeKind[];
  /** The kind of the check; where it is not known, the assertions of every kind are taken. */
  readonly probe: ProbeKind | undefined;
  readonly report: Report;
}

/** The assertions that only some kinds of probe take. */
export function ownAssertions(kinds: readonly ProbeKind[]): readonly AssertionKind[] {
  return kinds.flatMap(({ assertions = [] }) => assertions);
}

/** The kind of an assertion; undefined when it has none or several, which has been reported. */
function findAssertionKind(
  entry: MapTree,
  label: string,
  { kinds, probe, report }: AssertionContext,
): AssertionKind | undefined {
  const known = assertionKinds(ownAssertions(probe ? [probe] : kinds));
  const [kind, second] = known.filter(({ key }) => entry.entries.has(key));
  if (kind && second) {
    const place = keyPlaceAt(entry, [second.key]);
    report(place, `${label} is two assertions, ${kind.key} and ${second.key}; expected a "-" before each`);
    return undefined;
  }
  if (kind) return kind;
  const [key = ''] = entry.entries.keys();
  const owner = kinds.find((other) => ownAssertions([other]).some((own) => own.key === key));
  const names = known.map((each) => each.key);
  const problem = owner
    ? `"${key}" is an assertion of the kind ${owner.kind} alone; ${suggest('', names)}`
    : `"${key}" is no assertion; ${suggest(key, names)}`;
  report(keyPlaceAt(entry, [key]), problem);
  return undefined;
}

/** Reads as many entries of `assert:` as there are in `check`; those that are wrong are reported and left out. */
export function readAssertions(count: number, check: Tree, label: string, context: AssertionContext): unknown[] {
  return Array.from({ length: count }).flatMap((_, index) => {
    const tree = treeAt(check, ['assert', index]);
    const named = `${label}.assert.${index}`;
    if (tree?.type !== 'map') {
      context.report(
        placeAt(check, ['assert', index]),
        `${named} is ${tree ? describeTree(tree) : 'empty'}; expected an assertion such as "status: 200"`,
      );
      return [];
    }
    const kind = findAssertionKind(tree, named, context);
    const read = kind && checkTree({ schema: kind.schema, tree, label: named, report: context.report });
    return read === undefined ? [] : [read];
  });
}

import type { z } from 'zod';
import { checkTree } from './check-tree.ts';
import type { Report } from './problem.ts';
import type { References } from './references.ts';
import { isEmpty, type MapTree, mapScalars, type Tree } from './yaml/tree.ts';

/** A tree in which no reference may stand; one that does has been reported. */
export function withoutReferences(tree: Tree, references: References): Tree {
  return mapScalars(tree, (scalar) =>
    typeof scalar.value === 'string'
      ? { ...scalar, value: references.refuse(scalar.value, scalar.place) ?? scalar.value }
      : scalar,
  );
}

/** A section of settings; its defaults where it is empty or not there, or wrong, which has been reported. */
export function readSettings<T>(
  content: MapTree,
  key: string,
  schema: z.ZodType<T>,
  empty: unknown,
  { references, report }: { readonly references: References; readonly report: Report },
): T {
  const tree = content.entries.get(key)?.tree;
  const values =
    tree && !isEmpty(tree)
      ? checkTree({ schema, tree: withoutReferences(tree, references), label: key, report })
      : undefined;
  return values ?? schema.parse(empty);
}

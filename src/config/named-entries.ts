import { nameExpectation, namePattern } from './fields.ts';
import type { Report } from './problem.ts';
import { describeTree, type Entry, isEmpty, type MapTree } from './yaml/tree.ts';

/** The entries of a section of names; a name that cannot be one is reported and left out. */
export function namedEntries(content: MapTree, section: string, report: Report): [string, Entry][] {
  const tree = content.entries.get(section)?.tree;
  if (!tree || isEmpty(tree)) return [];
  if (tree.type !== 'map') {
    report(tree.place, `${section} is ${describeTree(tree)}; expected a mapping of names`);
    return [];
  }
  return [...tree.entries].filter(([name, { keyPlace }]) => {
    const fits = namePattern.test(name);
    if (!fits) report(keyPlace, `"${name}" cannot be a name in ${section}; ${nameExpectation}`);
    return fits;
  });
}

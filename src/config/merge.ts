import { definedTwice } from './parse.ts';
import type { Report } from './problem.ts';
import { isEmpty, type MapTree } from './tree.ts';

/** How deep mappings of the same name merge: a section's keys and names do, and what they hold does not. */
const sectionDepth = 2;
/** `environments:` holds whole sections under each name. */
const environmentsDepth = 4;

function mergeInto(base: MapTree, added: MapTree, path: readonly string[], depth: number, report: Report): MapTree {
  const entries = new Map(base.entries);
  for (const [key, entry] of added.entries) {
    const first = entries.get(key);
    const inner = [...path, key];
    const allowed = path.length === 0 && key === 'environments' ? environmentsDepth : depth;
    if (!first || isEmpty(first.tree)) entries.set(key, entry);
    else if (isEmpty(entry.tree)) continue;
    else if (first.tree.type === 'map' && entry.tree.type === 'map' && inner.length < allowed)
      entries.set(key, { ...first, tree: mergeInto(first.tree, entry.tree, inner, allowed, report) });
    else report(entry.keyPlace, definedTwice(inner.join('.'), first.keyPlace));
  }
  return { ...base, entries };
}

/** Puts the content of files into what there is. A name that two of them define is reported with both places. */
export function mergeSources(start: MapTree, contents: readonly MapTree[], report: Report): MapTree {
  return contents.reduce((base, added) => mergeInto(base, added, [], sectionDepth, report), start);
}

/** Of these only one can hold: the overlay's takes the place of the one that was there. */
const rivals: ReadonlySet<string> = new Set(['every', 'cron', 'before_expiry']);

/** Lays an environment over a configuration: mappings are merged, all else is replaced. */
export function overlay(base: MapTree, over: MapTree): MapTree {
  const setsSchedule = [...over.entries.keys()].some((key) => rivals.has(key));
  const kept = [...base.entries].filter(([key]) => !(setsSchedule && (rivals.has(key) || key === 'timezone')));
  const entries = new Map(kept);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key)?.tree;
    const both = below?.type === 'map' && entry.tree.type === 'map';
    entries.set(key, both ? { ...entry, tree: overlay(below, entry.tree) } : entry);
  }
  return { ...base, entries };
}

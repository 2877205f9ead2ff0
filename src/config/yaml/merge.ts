import type { Report } from '../problem.ts';
import { definedTwice } from './parse.ts';
import { isEmpty, type MapTree, type Tree } from './tree.ts';

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
const schedules: ReadonlySet<string> = new Set(['every', 'cron', 'before_expiry']);
const vaultLogins: ReadonlySet<string> = new Set(['token', 'approle', 'kubernetes', 'jwt']);

/** The keys of a mapping that an overlay drives out. */
function drivenOut(over: MapTree, path: readonly string[]): (key: string) => boolean {
  const sets = (rivals: ReadonlySet<string>) =>
    [...over.entries].some(([key, { tree }]) => rivals.has(key) && !removes(tree));
  if (path.join('.') === 'vault.auth' && sets(vaultLogins))
    return (key) => vaultLogins.has(key) && !over.entries.has(key);
  if (sets(schedules)) return (key) => schedules.has(key) || key === 'timezone';
  return () => false;
}

/** Whether a value takes away what it is laid over: `~` or `null`. A key without anything does not: it may be a slip. */
function removes(tree: Tree): boolean {
  return isEmpty(tree) && tree.type === 'scalar' && tree.source !== '';
}

/** Lays an environment over a configuration: mappings are merged, `~` takes away, all else is replaced. */
export function overlay(base: MapTree, over: MapTree, path: readonly string[] = []): MapTree {
  const isDrivenOut = drivenOut(over, path);
  const entries = new Map([...base.entries].filter(([key]) => !isDrivenOut(key)));
  for (const [key, entry] of over.entries) {
    const below = entries.get(key)?.tree;
    // A section without content says nothing, as in a file.
    if (below && path.length === 0 && isEmpty(entry.tree) && !removes(entry.tree)) continue;
    // What takes away nothing stays, and is told as the empty value that it is.
    if (removes(entry.tree) && base.entries.has(key)) entries.delete(key);
    else if (below?.type === 'map' && entry.tree.type === 'map')
      entries.set(key, { ...entry, tree: overlay(below, entry.tree, [...path, key]) });
    else entries.set(key, entry);
  }
  return { ...base, entries };
}

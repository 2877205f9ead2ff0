import type { Evidence } from '../model/cause.ts';

type Entry = Evidence[string] | undefined;

/** Evidence of what is known: entries that are undefined, and lists without an item, are left out. */
export function evidenceOf(entries: Readonly<Record<string, Entry>>): Evidence {
  const known = Object.entries(entries).filter((entry): entry is [string, Evidence[string]] => {
    const [, value] = entry;
    return value !== undefined && !(Array.isArray(value) && value.length === 0);
  });
  return Object.fromEntries(known);
}

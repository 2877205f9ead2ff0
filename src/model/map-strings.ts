/**
 * Plain data in which every string has been replaced by what `change` makes of it; keys stay. What holds no string that
 * changes is not copied but handed back as it is.
 */
export function mapStrings<T>(data: T, change: (text: string) => string): T;
export function mapStrings(data: unknown, change: (text: string) => string): unknown {
  if (typeof data === 'string') return change(data);
  if (data === null || typeof data !== 'object') return data;
  return Array.isArray(data) ? mapEntries(data, change) : mapMembers(data, change);
}

function mapEntries(entries: readonly unknown[], change: (text: string) => string): readonly unknown[] {
  const mapped = entries.map((entry) => mapStrings(entry, change));
  return mapped.some((entry, index) => !Object.is(entry, entries[index])) ? mapped : entries;
}

function mapMembers(members: object, change: (text: string) => string): object {
  const changed: [string, unknown][] = [];
  for (const [name, member] of Object.entries(members)) {
    const mapped = mapStrings(member, change);
    if (!Object.is(mapped, member)) changed.push([name, mapped]);
  }
  return changed.length > 0 ? { ...members, ...Object.fromEntries(changed) } : members;
}

/** A copy of plain data in which every string has been replaced by what `change` makes of it; keys stay. */
export function mapStrings<T>(data: T, change: (text: string) => string): T;
export function mapStrings(data: unknown, change: (text: string) => string): unknown {
  if (typeof data === 'string') return change(data);
  if (Array.isArray(data)) return data.map((entry) => mapStrings(entry, change));
  if (data === null || typeof data !== 'object') return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, mapStrings(value, change)]));
}

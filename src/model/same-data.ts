import { Secret } from './secret.ts';

/** Whether two pieces of plain data are equal in depth; secrets are compared by their text. */
export function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof Secret || b instanceof Secret)
    return a instanceof Secret && b instanceof Secret && a.reveal() === b.reveal();
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [entriesOfA, entriesOfB] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    entriesOfA.length === entriesOfB.size &&
    entriesOfA.every(([key, value]) => entriesOfB.has(key) && sameData(value, entriesOfB.get(key)))
  );
}

import type { Effort } from './effort.ts';

/** What visiting one value costs, in units of effort. */
export const visit = 8;

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** Whether a value is a JSON object. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Whether two JSON values are the same: the order of an object's names is of no account, and 1 is 1.0. Works on a stack of
 * its own, because both may come from outside and be deeper than ours.
 */
export function jsonEqual(one: unknown, other: unknown, effort: Effort): boolean {
  const pairs: [unknown, unknown][] = [[one, other]];
  for (let pair = pairs.pop(); pair; pair = pairs.pop()) {
    effort.spend(visit);
    const [a, b] = pair;
    if (isList(a) && isList(b)) {
      if (a.length !== b.length) return false;
      for (const [index, entry] of a.entries()) pairs.push([entry, b[index]]);
    } else if (isMapping(a) && isMapping(b)) {
      const names = Object.keys(a);
      if (names.length !== Object.keys(b).length || !names.every((name) => Object.hasOwn(b, name))) return false;
      for (const name of names) pairs.push([a[name], b[name]]);
    } else if (a !== b) return false;
  }
  return true;
}

/** Deeper parts of a value are shown as an ellipsis. */
const shownDepth = 32;

/** The beginning of a value's JSON text, about `limit` characters at the most, however large or deep the value is. */
export function showJson(value: unknown, limit: number, depth = shownDepth): string {
  if (limit <= 0) return '';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, limit));
  if (!isList(value) && !isMapping(value)) return String(value);
  if (depth === 0) return '…';
  if (isList(value)) return `[${joinParts(value, (entry, left) => showJson(entry, left, depth - 1), limit - 2)}]`;
  const showPair = (name: string, left: number) => {
    const label = `${JSON.stringify(name.slice(0, left))}:`;
    return label + showJson(value[name], left - label.length, depth - 1);
  };
  return `{${joinParts(Object.keys(value), showPair, limit - 2)}}`;
}

function joinParts<Part>(parts: readonly Part[], show: (part: Part, left: number) => string, limit: number): string {
  let text = '';
  for (const part of parts) {
    if (text.length >= limit) break;
    text += (text && ',') + show(part, limit - text.length);
  }
  return text;
}

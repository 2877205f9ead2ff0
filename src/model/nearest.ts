/**
 * The least number of letters to insert, delete, replace or swap with their neighbour to make `b` of `a`
 * (optimal string alignment).
 */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = a[row - 1] === b[column - 1] ? 0 : 1;
      let least = Math.min(
        (last[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (last[column - 1] as number) + replaced,
      );
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (row > 1 && column > 1 && swapped) least = Math.min(least, (beforeLast[column - 2] as number) + 1);
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] as number;
}

/** So that `allowHttp` and `allow-http` are as near to `allow_http` as can be. */
const letters = (name: string) => name.toLowerCase().replace(/[-_ ]/g, '');

/** Longer names are no slips of the finger, and comparing them takes time. */
const longestName = 100;

/** The known name that was most likely meant; undefined when none is close (a third of its letters may differ). */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  if (name.length > longestName) return undefined;
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    if (candidate.length > longestName) continue;
    const wanted = letters(candidate);
    const steps = distance(letters(name), wanted);
    if (steps < bestDistance && steps <= Math.max(1, Math.floor(wanted.length / 3))) {
      best = candidate;
      bestDistance = steps;
    }
  }
  return best;
}

/** Lists longer than this help nobody. */
const longestList = 30;

/** The second half of a problem about a name that is not there: the nearest one, or all there are. */
export function suggest(name: string, known: Iterable<string>): string {
  const names = [...known];
  const meant = nearest(name, names);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  if (names.length === 0) return 'there are none';
  const shown = names.slice(0, longestList).join(', ');
  return `expected ${names.length === 1 ? '' : 'one of '}${shown}${names.length > longestList ? ', …' : ''}`;
}

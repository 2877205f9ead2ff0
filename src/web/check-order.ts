import type { Result } from '../model/result.ts';
import { type Standing, standingOf, standings } from './standing.ts';
import type { CheckView, Views } from './views.ts';

/** A check as the page shows it. */
export interface CheckRow {
  readonly view: CheckView;
  /** Its last run of all; undefined before its first. */
  readonly last: Result | undefined;
  readonly standing: Standing;
}

/** What a page of so many checks shows. */
export interface CheckOrder {
  /** The first of all checks: those that need somebody come first, then it goes by name. */
  readonly first: readonly CheckRow[];
  /** How many checks there are of each standing. */
  readonly counts: Readonly<Record<Standing, number>>;
}

const names = new Intl.Collator('en');

/**
 * Finds the first `most` of all checks, and yields nothing now and then: to sort thousands at once would hold up runs
 * that are due.
 */
export function* orderChecks(
  { checks, history }: Pick<Views, 'checks' | 'history'>,
  most: number,
): Generator<'', CheckOrder> {
  const first: CheckRow[] = [];
  const counts: Record<Standing, number> = { failing: 0, silent: 0, unknown: 0, passing: 0 };
  for (const view of checks()) {
    const last = history.last(view.check.name);
    const row = { view, last, standing: standingOf(view, last) };
    counts[row.standing] += 1;
    insert(first, row);
    if (first.length > most) first.pop();
    yield '';
  }
  return { first, counts };
}

function insert(sorted: CheckRow[], row: CheckRow): void {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byUrgency(sorted[middle] as CheckRow, row) <= 0) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, row);
}

function byUrgency(a: CheckRow, b: CheckRow): number {
  return (
    standings.indexOf(a.standing) - standings.indexOf(b.standing) || names.compare(a.view.check.name, b.view.check.name)
  );
}

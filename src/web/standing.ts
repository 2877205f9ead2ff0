import type { Result } from '../model/result.ts';
import type { CheckView } from './views.ts';

/** How a check stands for a person; the most urgent first. */
export const standings = ['failing', 'silent', 'unknown', 'passing'] as const;

/** `silent`: it passed when it was last asked, and is not asked now. */
export type Standing = (typeof standings)[number];

/**
 * How a check stands by its state and its last run. A state outlives runs that are skipped, and a check that is not
 * asked must not look well. An overrun is no silence: the run before still goes on.
 */
export function standingOf({ state }: CheckView, last: Result | undefined): Standing {
  const isSkipped = last?.outcome.kind === 'skipped' && last.outcome.cause.code !== 'overrun';
  return state.status === 'passing' && isSkipped ? 'silent' : state.status;
}

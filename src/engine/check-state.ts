import type { Outcome } from '../model/cause.ts';
import { causeOf } from '../model/cause.ts';
import type { CheckState } from '../model/result.ts';

/** The state of a check that has had no run yet. */
export function unknownState(wallMs: number): CheckState {
  return { status: 'unknown', sinceMs: wallMs, consecutiveFailures: 0 };
}

/**
 * The state after one more run. `confirm` failures in a row make it failing, one passed run makes it passing; `since`
 * moves with the status alone. A skipped run asked nothing and so says nothing of the target: it changes no count.
 */
export function nextState(state: CheckState, outcome: Outcome, confirm: number, wallMs: number): CheckState {
  if (outcome.kind === 'skipped') return state;
  const cause = causeOf(outcome);
  if (!cause) {
    return { status: 'passing', sinceMs: state.status === 'passing' ? state.sinceMs : wallMs, consecutiveFailures: 0 };
  }
  const consecutiveFailures = state.consecutiveFailures + 1;
  if (state.status === 'failing') return { ...state, cause, consecutiveFailures };
  if (consecutiveFailures < confirm) return { ...state, consecutiveFailures };
  return { status: 'failing', cause, sinceMs: wallMs, consecutiveFailures };
}

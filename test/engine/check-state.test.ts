import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextState, unknownState } from '../../src/engine/check-state.ts';
import { type Outcome, passed, troubled } from '../../src/model/cause.ts';
import type { CheckState } from '../../src/model/result.ts';

const failed = troubled('upstream_5xx', 'the target answered 500');
const worse = troubled('timeout', 'no answer');
const skipped = troubled('overrun', 'still going');

/** The state after a run of outcomes, one a second. */
const stateAfter = (outcomes: readonly Outcome[], confirm: number): CheckState =>
  outcomes.reduce((state, outcome, index) => nextState(state, outcome, confirm, (index + 1) * 1000), unknownState(0));

describe("a check's state", () => {
  it('is unknown before its first run, and skipped runs leave it so', () => {
    expect(stateAfter([skipped, skipped], 1)).toEqual({ status: 'unknown', sinceMs: 0, consecutiveFailures: 0 });
  });

  it('is passing after one passed run, since the first of them', () => {
    expect(stateAfter([passed, passed], 1)).toEqual({ status: 'passing', sinceMs: 1000, consecutiveFailures: 0 });
  });

  it('is failing after as many failures as `confirm` asks for', () => {
    expect(stateAfter([passed, failed], 2)).toMatchObject({ status: 'passing', sinceMs: 1000, consecutiveFailures: 1 });
    expect(stateAfter([passed, failed, failed], 2)).toMatchObject({
      status: 'failing',
      sinceMs: 3000,
      consecutiveFailures: 2,
    });
  });

  it('keeps its since while the cause changes', () => {
    expect(stateAfter([failed, worse], 1)).toMatchObject({
      sinceMs: 1000,
      cause: { code: 'timeout' },
      consecutiveFailures: 2,
    });
  });

  it('counts failures anew after a passed run, and through skipped ones', () => {
    expect(stateAfter([failed, passed, failed], 2).consecutiveFailures).toBe(1);
    expect(stateAfter([failed, skipped, failed], 2).status).toBe('failing');
  });

  it('has a cause exactly while it is failing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(passed, failed, worse, skipped)),
        fc.integer({ min: 1, max: 4 }),
        (outcomes, confirm) => {
          const state = stateAfter(outcomes, confirm);
          expect(state.cause !== undefined).toBe(state.status === 'failing');
          if (state.status === 'failing') expect(state.consecutiveFailures).toBeGreaterThanOrEqual(confirm);
        },
      ),
    );
  });
});

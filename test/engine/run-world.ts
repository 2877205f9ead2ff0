import { unknownState } from '../../src/engine/check-state.ts';
import type { RunPorts } from '../../src/engine/run-check.ts';
import type { Outcome } from '../../src/model/cause.ts';
import { createBudget } from '../../src/net/limiter.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

export const due = { dueMs: 0, awaitedMs: 0, nextDueMs: 1000 };
export const state = unknownState(0);

/** What a run needs, and a budget of one permit a second. */
export function setUp() {
  const system = createVirtualSystem();
  const stop = new AbortController();
  const ports: RunPorts = {
    system,
    version: '1.2.3',
    stopping: stop.signal,
    mask: (text) => text.replaceAll('at-live', '[secret]'),
    signingClock: () => ({ toleranceMs: 1000, isCorrected: false }),
    uncertaintyShare: () => 0.2,
  };
  const narrow = createBudget(system.clock, { name: 'narrow', ratePerSecond: 1, burst: 1, reserveForTokens: 0 });
  return { system, clock: system.clock, stop, ports, narrow };
}

/** The code of a cause, or `passed`. */
export const ending = (outcome: Outcome) =>
  outcome.kind === 'passed' ? 'passed' : `${outcome.kind}: ${outcome.cause.code}`;

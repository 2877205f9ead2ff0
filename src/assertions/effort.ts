/**
 * The work that one assertion may do on an answer, in units of very roughly 15 ns. The answer comes from outside: without
 * a bound a hostile body could stop all other checks.
 */
export interface Effort {
  /** Throws `EffortExceeded` when the units are used up. */
  spend(units: number): void;
}

export class EffortExceeded extends Error {
  readonly code = 'EFFORT_EXCEEDED';
}

/** Less than a second at the worst, and a few milliseconds for what people ask in practice. */
const unitsAnAssertion = 32_000_000;

export function createEffort(units = unitsAnAssertion): Effort {
  let left = units;
  return {
    spend(wanted) {
      left -= wanted;
      if (left < 0) throw new EffortExceeded('the answer is too large to be searched in this way');
    },
  };
}

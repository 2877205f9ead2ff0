import type { BudgetDefinition } from '../model/check.ts';
import type { Clock, Timer } from '../system/clock.ts';
import { createSharedAbort } from './shared-abort.ts';
import { createWaitingLine } from './waiting-line.ts';

/** Guards the constructor of `Permit`: only this module can issue one. */
const issuing = Symbol('issuing');

/**
 * The right to make one request. Only a budget issues permits, each is spent once, and no call on the network compiles
 * without one.
 */
export class Permit {
  readonly budget: string;
  readonly #giveBack: () => void;
  #state: 'held' | 'spent' | 'returned' = 'held';

  constructor(key: typeof issuing, budget: string, giveBack: () => void) {
    if (key !== issuing) throw new TypeError('only a budget issues permits');
    this.budget = budget;
    this.#giveBack = giveBack;
  }

  /** Uses the permit up. Throws when it was spent or returned before: that is a bug in the caller. */
  spend(): void {
    if (this.#state !== 'held')
      throw new TypeError(`a permit of budget ${this.budget} was used after it was ${this.#state}`);
    this.#state = 'spent';
  }

  /** Gives an unused permit back to its budget; does nothing once it is spent. */
  release(): void {
    if (this.#state !== 'held') return;
    this.#state = 'returned';
    this.#giveBack();
  }
}

export interface AcquireOptions {
  /** Ends the wait when aborted. */
  readonly signal?: AbortSignal;
  /** Monotonic milliseconds at which the wait ends without a permit. */
  readonly untilMs?: number;
  /** Served before all others, and from the reserve: for token runs. */
  readonly urgent?: boolean;
}

/** A permit, or why there is none. */
export type Grant = Permit | 'bound_passed' | 'aborted';

/** A named token bucket: `burst` permits at the most, refilled continuously at `ratePerSecond` on the monotonic clock. */
export interface Budget {
  readonly name: string;
  acquire(options?: AcquireOptions): Promise<Grant>;
  /** Permits that could be had now. */
  level(): number;
  waiting(): number;
}

/** Told of each permit: the budget's name and how long its run waited, in milliseconds. */
export type GrantObserver = (budget: string, waitedMs: number) => void;

interface Waiter {
  readonly urgent: boolean;
  /** Monotonic milliseconds. */
  readonly sinceMs: number;
  /** Ends the wait. */
  readonly leave: (grant: Grant) => void;
}

interface AdjustableBudget extends Budget {
  /** Takes a new rate, burst and reserve; keeps the level and the waiters. */
  adjust(definition: BudgetDefinition): void;
}

/** Absorbs what adding up fractions of a permit loses; far below any rate that can be set. */
const roundingSlack = 1e-9;

export function createBudget(
  clock: Clock,
  first: BudgetDefinition,
  observe: GrantObserver = () => {},
): AdjustableBudget {
  let definition = first;
  let level = first.burst;
  let levelAtMs = clock.monotonicMs();
  let wakeUp: Timer | undefined;
  const urgentLine = createWaitingLine<Waiter>();
  const ordinaryLine = createWaitingLine<Waiter>();
  const aborts = createSharedAbort();

  const refill = () => {
    const nowMs = clock.monotonicMs();
    level = Math.min(definition.burst, level + ((nowMs - levelAtMs) * definition.ratePerSecond) / 1000);
    levelAtMs = nowMs;
  };
  const levelNeeded = (urgent: boolean) => (urgent ? 1 : 1 + definition.reserveForTokens);
  const mayTake = (urgent: boolean) => level >= levelNeeded(urgent) - roundingSlack;
  /** Call `refill` before, and `mayTake`. */
  const issue = (waitedMs: number) => {
    level -= 1;
    observe(definition.name, waitedMs);
    return new Permit(issuing, definition.name, giveBack);
  };
  const giveBack = () => {
    refill();
    level = Math.min(definition.burst, level + 1);
    serve();
  };
  const next = () => urgentLine.first() ?? ordinaryLine.first();
  const serve = () => {
    wakeUp?.cancel();
    wakeUp = undefined;
    refill();
    for (let waiter = next(); waiter; waiter = next()) {
      if (!mayTake(waiter.urgent)) {
        const shortfallMs = ((levelNeeded(waiter.urgent) - level) * 1000) / definition.ratePerSecond;
        wakeUp = clock.after(Math.ceil(shortfallMs), serve);
        return;
      }
      waiter.leave(issue(levelAtMs - waiter.sinceMs));
    }
  };
  const wait = (urgent: boolean, untilMs: number, signal: AbortSignal | undefined): Promise<Grant> =>
    new Promise((resolve) => {
      const waiter: Waiter = {
        urgent,
        sinceMs: levelAtMs,
        leave(grant) {
          leaveLine();
          bound?.cancel();
          unwatch?.();
          resolve(grant);
        },
      };
      const giveUp = (reason: 'bound_passed' | 'aborted') => {
        const wasNext = next() === waiter;
        waiter.leave(reason);
        if (wasNext) serve();
      };
      const leaveLine = (urgent ? urgentLine : ordinaryLine).join(waiter);
      const bound =
        untilMs === Number.POSITIVE_INFINITY
          ? undefined
          : clock.after(untilMs - clock.monotonicMs(), () => giveUp('bound_passed'));
      const unwatch = signal && aborts.watch(signal, () => giveUp('aborted'));
      // The one timer is set for who is next; it may be late.
      if (next() === waiter || mayTake(urgentLine.length > 0)) serve();
    });

  return {
    name: first.name,
    acquire({ signal, untilMs = Number.POSITIVE_INFINITY, urgent = false } = {}) {
      if (signal?.aborted) return Promise.resolve('aborted');
      refill();
      const isNext = urgentLine.length === 0 && (urgent || ordinaryLine.length === 0);
      return isNext && mayTake(urgent) ? Promise.resolve(issue(0)) : wait(urgent, untilMs, signal);
    },
    level() {
      refill();
      return level;
    },
    waiting: () => urgentLine.length + ordinaryLine.length,
    adjust(changed) {
      refill();
      definition = changed;
      level = Math.min(level, changed.burst);
      serve();
    },
  };
}

/** All budgets of a process by name. */
export interface Limiter {
  /** Throws for a name that the configuration does not have: validation has seen to that. */
  budget(name: string): Budget;
  budgets(): readonly Budget[];
  /** Takes over a new set: those that stay keep their level and waiters, those that are gone serve who still waits. */
  configure(definitions: readonly BudgetDefinition[]): void;
}

export function createLimiter(
  clock: Clock,
  definitions: readonly BudgetDefinition[],
  observe: GrantObserver = () => {},
): Limiter {
  let budgets = new Map<string, AdjustableBudget>();
  /** All there have ever been: one that goes and comes back must not be full again. */
  const known = new Map<string, AdjustableBudget>();
  const configure = (changed: readonly BudgetDefinition[]) => {
    for (const definition of changed) {
      const budget = known.get(definition.name);
      if (budget) budget.adjust(definition);
      else known.set(definition.name, createBudget(clock, definition, observe));
    }
    budgets = new Map(changed.map(({ name }) => [name, known.get(name) as AdjustableBudget]));
  };
  configure(definitions);
  return {
    budget(name) {
      const budget = budgets.get(name);
      if (!budget) throw new RangeError(`no budget is named ${name}`);
      return budget;
    },
    budgets: () => [...budgets.values()],
    configure,
  };
}

/** Thrown through a probe when its next permit could not be had in time: the run then ends as skipped. */
export class PermitRefused extends Error {
  readonly code = 'PERMIT_REFUSED';
  readonly reason: Exclude<Grant, Permit>;

  constructor(reason: Exclude<Grant, Permit>) {
    super(`no permit: ${reason}`);
    this.reason = reason;
  }
}

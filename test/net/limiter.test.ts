import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BudgetDefinition } from '../../src/model/check.ts';
import { type Budget, createBudget, createLimiter, type Grant, Permit } from '../../src/net/limiter.ts';
import type { Clock } from '../../src/system/clock.ts';
import { createVirtualClock, settle } from '../support/virtual-system.ts';

const definition = (parts: Partial<BudgetDefinition> = {}): BudgetDefinition => ({
  name: 'api',
  ratePerSecond: 10,
  burst: 2,
  reserveForTokens: 0,
  ...parts,
});

async function take(budget: Budget): Promise<Permit> {
  const grant = await budget.acquire();
  if (!(grant instanceof Permit)) throw new Error(`no permit: ${grant}`);
  return grant;
}

describe('a permit', () => {
  it('cannot be made outside a budget', () => {
    // @ts-expect-error: the key is not exported, so this does not compile either
    expect(() => new Permit(Symbol('issuing'), 'api', () => {})).toThrow('only a budget issues permits');
  });

  it('is spent once', async () => {
    const permit = await take(createBudget(createVirtualClock(), definition()));
    permit.spend();
    expect(() => permit.spend()).toThrow('was used after it was spent');
  });

  it('cannot be spent after it was given back', async () => {
    const permit = await take(createBudget(createVirtualClock(), definition()));
    permit.release();
    expect(() => permit.spend()).toThrow('was used after it was returned');
  });

  it('goes back once, and only when it was not spent', async () => {
    const budget = createBudget(createVirtualClock(), definition({ burst: 3 }));
    const [unused, spent] = [await take(budget), await take(budget)];
    spent.spend();
    spent.release();
    expect(budget.level()).toBe(1);
    unused.release();
    unused.release();
    expect(budget.level()).toBe(2);
  });
});

describe('a budget', () => {
  it('gives its burst at once and then one permit each 1/rate', async () => {
    const clock = createVirtualClock();
    const budget = createBudget(clock, definition());
    const grantedAtMs: number[] = [];
    for (let run = 0; run < 5; run++) void budget.acquire().then(() => grantedAtMs.push(clock.monotonicMs()));
    await clock.advance(1000);
    expect(grantedAtMs).toEqual([0, 0, 100, 200, 300]);
  });

  it('serves in the order of arrival', async () => {
    const clock = createVirtualClock();
    const budget = createBudget(clock, definition({ burst: 1 }));
    const order: string[] = [];
    for (const name of ['a', 'b', 'c']) void budget.acquire().then(() => order.push(name));
    await clock.advance(1000);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('ends a wait at its bound without taking a permit', async () => {
    const clock = createVirtualClock();
    const budget = createBudget(clock, definition({ burst: 1, ratePerSecond: 1 }));
    await take(budget);
    const grants: Grant[] = [];
    void budget.acquire({ untilMs: 300 }).then((grant) => grants.push(grant));
    await clock.advance(299);
    expect(grants).toEqual([]);
    await clock.advance(1);
    expect(grants).toEqual(['bound_passed']);
    await clock.advance(700);
    expect(budget.level()).toBeCloseTo(1);
  });

  it('lets the next in line move up when a waiter is aborted', async () => {
    const clock = createVirtualClock();
    const budget = createBudget(clock, definition({ burst: 1 }));
    await take(budget);
    const quitter = new AbortController();
    const grants: [string, Grant | number][] = [];
    void budget.acquire({ signal: quitter.signal }).then((grant) => grants.push(['quitter', grant]));
    void budget.acquire().then(() => grants.push(['next', clock.monotonicMs()]));
    await clock.advance(50);
    quitter.abort();
    await clock.advance(50);
    expect(grants).toEqual([
      ['quitter', 'aborted'],
      ['next', 100],
    ]);
    expect(clock.pending()).toBe(0);
  });

  it('refuses at once what is aborted before it asks', async () => {
    const budget = createBudget(createVirtualClock(), definition());
    expect(await budget.acquire({ signal: AbortSignal.abort() })).toBe('aborted');
    expect(budget.level()).toBe(2);
  });

  it('serves token runs first and keeps the reserve for them', async () => {
    const clock = createVirtualClock();
    const budget = createBudget(clock, definition({ burst: 2, reserveForTokens: 1, ratePerSecond: 1 }));
    await take(budget);
    const order: string[] = [];
    void budget.acquire().then(() => order.push('check'));
    await settle();
    expect(order).toEqual([]);
    void budget.acquire({ urgent: true }).then(() => order.push('token'));
    await settle();
    expect(order).toEqual(['token']);
    await clock.advance(2000);
    expect(order).toEqual(['token', 'check']);
  });

  it('tells its observer how long each run waited', async () => {
    const clock = createVirtualClock();
    const waits: number[] = [];
    const budget = createBudget(clock, definition({ burst: 1 }), (_, waitedMs) => waits.push(waitedMs));
    void budget.acquire();
    void budget.acquire();
    expect(budget.waiting()).toBe(1);
    await clock.advance(100);
    expect(waits).toEqual([0, 100]);
  });

  it('hands a permit that was given back to who waits', async () => {
    const clock = createVirtualClock();
    const budget = createBudget(clock, definition({ burst: 1, ratePerSecond: 0.001 }));
    const unused = await take(budget);
    let served = false;
    void budget.acquire().then(() => {
      served = true;
    });
    unused.release();
    await settle();
    expect(served).toBe(true);
  });

  it('makes one timer and one listener do for a thousand that wait', async () => {
    const clock = createVirtualClock();
    const budget = createBudget(clock, definition({ burst: 1, ratePerSecond: 1000 }));
    await take(budget);
    const stopping = new AbortController();
    const waiting = Array.from({ length: 1000 }, () => budget.acquire({ signal: stopping.signal }));
    expect(clock.pending()).toBe(1);
    expect(getEventListeners(stopping.signal, 'abort')).toHaveLength(1);
    await clock.advance(400);
    expect(budget.waiting()).toBe(600);
    stopping.abort();
    const grants = await Promise.all(waiting);
    expect(grants.indexOf('aborted')).toBe(400);
    expect(grants.filter((grant) => grant === 'aborted')).toHaveLength(600);
    expect(clock.pending()).toBe(0);
    expect(getEventListeners(stopping.signal, 'abort')).toEqual([]);
  });

  it('serves who waits as soon as another asks, when the timer is late', async () => {
    let nowMs = 0;
    const stuck: Clock = {
      monotonicMs: () => nowMs,
      wallMs: () => nowMs,
      event: () => ({ nowMs, atMs: nowMs, earliestMs: nowMs }),
      after: () => ({ cancel: () => {} }),
    };
    const budget = createBudget(stuck, definition({ burst: 2 }));
    await take(budget);
    await take(budget);
    const waits = budget.acquire();
    nowMs = 150;
    void budget.acquire();
    expect(await waits).toBeInstanceOf(Permit);
    expect(budget.waiting()).toBe(1);
  });

  it('never exceeds burst + rate × t in any window, and loses no permit', async () => {
    const arrival = fc.record({
      afterMs: fc.integer({ min: 0, max: 400 }),
      boundMs: fc.option(fc.integer({ min: 0, max: 800 })),
      abortMs: fc.option(fc.integer({ min: 0, max: 800 })),
      urgent: fc.boolean(),
      fate: fc.constantFrom('spend', 'release'),
    });
    const bucket = fc
      .record({ ratePerSecond: fc.double({ min: 0.5, max: 200, noNaN: true }), burst: fc.integer({ min: 1, max: 20 }) })
      .chain(({ ratePerSecond, burst }) =>
        fc.record({
          ratePerSecond: fc.constant(ratePerSecond),
          burst: fc.constant(burst),
          reserveForTokens: fc.integer({ min: 0, max: burst - 1 }),
        }),
      );
    await fc.assert(
      fc.asyncProperty(bucket, fc.array(arrival, { minLength: 1, maxLength: 40 }), async (parts, arrivals) => {
        const clock = createVirtualClock();
        const budget = createBudget(clock, definition(parts));
        const spentAtMs: number[] = [];
        const grants: Grant[] = [];
        for (const { afterMs, boundMs, abortMs, urgent, fate } of arrivals) {
          await clock.advance(afterMs);
          const abort = new AbortController();
          if (abortMs !== null) clock.after(abortMs, () => abort.abort());
          const bound = boundMs === null ? {} : { untilMs: clock.monotonicMs() + boundMs };
          void budget.acquire({ urgent, signal: abort.signal, ...bound }).then((grant) => {
            grants.push(grant);
            if (!(grant instanceof Permit)) return;
            if (fate === 'release') return grant.release();
            grant.spend();
            spentAtMs.push(clock.monotonicMs());
          });
        }
        await clock.advance(200_000);

        for (const [first, startMs] of spentAtMs.entries()) {
          for (const [last, endMs] of spentAtMs.entries()) {
            if (last < first) continue;
            const allowed = parts.burst + ((endMs - startMs) * parts.ratePerSecond) / 1000;
            expect(last - first + 1).toBeLessThanOrEqual(allowed + 1e-6);
          }
        }
        expect(grants).toHaveLength(arrivals.length);
        expect(budget.waiting()).toBe(0);
        expect(budget.level()).toBeCloseTo(parts.burst);
        expect(clock.pending()).toBe(0);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});

describe('a limiter', () => {
  it('keeps the level and the waiters of a budget that stays over a reload', async () => {
    const clock = createVirtualClock();
    const limiter = createLimiter(clock, [definition({ burst: 2, ratePerSecond: 1 })]);
    await take(limiter.budget('api'));
    await take(limiter.budget('api'));
    const grantedAtMs: number[] = [];
    void limiter
      .budget('api')
      .acquire()
      .then(() => grantedAtMs.push(clock.monotonicMs()));
    limiter.configure([definition({ burst: 5, ratePerSecond: 10 }), definition({ name: 'other' })]);
    expect(limiter.budget('api').level()).toBe(0);
    await clock.advance(200);
    expect(grantedAtMs).toEqual([100]);
    expect(limiter.budgets().map(({ name }) => name)).toEqual(['api', 'other']);
  });

  it('cuts the level down to a smaller burst', () => {
    const limiter = createLimiter(createVirtualClock(), [definition({ burst: 10 })]);
    limiter.configure([definition({ burst: 3 })]);
    expect(limiter.budget('api').level()).toBe(3);
  });

  it('does not fill a budget that goes and comes back', async () => {
    const limiter = createLimiter(createVirtualClock(), [definition({ burst: 1 })]);
    await take(limiter.budget('api'));
    limiter.configure([definition({ name: 'other' })]);
    expect(() => limiter.budget('api')).toThrow('no budget is named api');
    limiter.configure([definition({ burst: 1 })]);
    expect(limiter.budget('api').level()).toBe(0);
  });

  it('has no budget that the configuration does not name', () => {
    const limiter = createLimiter(createVirtualClock(), [definition()]);
    expect(() => limiter.budget('elsewhere')).toThrow('no budget is named elsewhere');
  });
});

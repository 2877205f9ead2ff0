import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createWaitingLine } from '../../src/net/waiting-line.ts';

/** Somebody joins, or the one who stands so far along leaves. */
const step = fc.oneof(
  fc.constant({ does: 'join' } as const),
  fc.record({ does: fc.constant('leave' as const), share: fc.double({ min: 0, max: 0.999, noNaN: true }) }),
);

it('keeps the order of arrival, whoever leaves from wherever', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const line = createWaitingLine<number>();
      const expected: { readonly waiter: number; readonly leave: () => void }[] = [];
      for (const [waiter, { does, ...where }] of steps.entries()) {
        if (does === 'join') expected.push({ waiter, leave: line.join(waiter) });
        else if ('share' in where) expected.splice(Math.floor(where.share * expected.length), 1)[0]?.leave();
        expect(line.length).toBe(expected.length);
        expect(line.first()).toBe(expected[0]?.waiter);
      }
      for (const { waiter, leave } of expected) {
        expect(line.first()).toBe(waiter);
        leave();
        leave();
      }
      expect(line.first()).toBeUndefined();
    }),
  );
});

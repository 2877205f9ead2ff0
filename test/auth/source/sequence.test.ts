import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSequence } from '../../../src/auth/source/sequence.ts';
import { settle } from '../../support/virtual-system.ts';

describe('a sequence', () => {
  it('begins an act at once when nothing is under way, and tells when all have ended', async () => {
    let idle = 0;
    const sequence = createSequence(() => {
      idle += 1;
    });
    const begun: string[] = [];
    const { promise, resolve } = Promise.withResolvers<string>();
    const first = sequence.run(() => {
      begun.push('first');
      return promise;
    });
    expect(begun).toEqual(['first']);
    const second = sequence.run(async () => begun.push('second'));
    const ended = sequence.ended();
    await settle();
    expect(begun).toEqual(['first']);
    expect(sequence.isUnderWay()).toBe(true);
    resolve('done');
    expect(await first).toBe('done');
    await second;
    await ended;
    expect(sequence.isUnderWay()).toBe(false);
    expect(idle).toBe(1);
  });

  it('lets no two acts overlap and each begin, in order, whichever of them fail', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 10 }), async (fates) => {
        const sequence = createSequence(() => {});
        const order: number[] = [];
        let underWay = 0;
        const results = fates.map((fails, index) =>
          sequence.run(async () => {
            underWay += 1;
            expect(underWay).toBe(1);
            await settle();
            order.push(index);
            underWay -= 1;
            if (fails) throw new Error('failed');
          }),
        );
        const settled = await Promise.allSettled(results);
        expect(settled.map(({ status }) => status === 'rejected')).toEqual(fates);
        expect(order).toEqual(fates.map((_, index) => index));
      }),
      { numRuns: 20 },
    );
  });

  it('has ended at once when it never began', async () => {
    await createSequence(() => {}).ended();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SkewInterval } from '../../src/model/clock.ts';
import { selectMajority } from '../../src/skew/select.ts';

interface Named extends SkewInterval {
  readonly name: string;
}

const between = (name: string, lowMs: number, highMs: number): Named => ({ name, lowMs, highMs });
const names = (readings: readonly Named[]) => readings.map(({ name }) => name);

/** The names of both sides, or why there is no majority. */
function select(readings: readonly Named[], voters?: number) {
  const selection = selectMajority(readings, voters);
  return selection.kind === 'none'
    ? selection
    : { ...selection, agreeing: names(selection.agreeing), outvoted: names(selection.outvoted) };
}

describe('a majority of clocks', () => {
  it('outvotes one that is false, and names it', () => {
    expect(select([between('a', -10, 10), between('false', 999_990, 1_000_010), between('b', -4, 16)])).toEqual({
      kind: 'majority',
      interval: { lowMs: -4, highMs: 10 },
      skewMs: 3,
      agreeing: ['a', 'b'],
      outvoted: ['false'],
    });
  });

  it('is a clock that is alone', () => {
    expect(select([between('a', 10, 20)])).toEqual({
      kind: 'majority',
      interval: { lowMs: 10, highMs: 20 },
      skewMs: 15,
      agreeing: ['a'],
      outvoted: [],
    });
  });

  it('is not one of two that disagree', () => {
    expect(select([between('a', 0, 1), between('b', 2, 3)])).toEqual({
      kind: 'none',
      reason: 'no_majority',
      needed: 2,
    });
  });

  it('is not half of four', () => {
    const readings = [between('a', 0, 1), between('b', 0, 1), between('c', 5, 6), between('d', 5, 6)];
    expect(select(readings)).toEqual({ kind: 'none', reason: 'no_majority', needed: 3 });
  });

  it('is a majority of all that have a vote, whether they answer or not', () => {
    expect(select([between('a', 0, 1)], 3)).toEqual({ kind: 'none', reason: 'too_few', needed: 2 });
    expect(select([between('a', 0, 1), between('b', 0, 1)], 3)).toMatchObject({ kind: 'majority' });
    expect(select([], 1)).toEqual({ kind: 'none', reason: 'too_few', needed: 1 });
    expect(select([])).toEqual({ kind: 'none', reason: 'too_few', needed: 1 });
  });

  it('shares the very edge of two intervals', () => {
    expect(select([between('a', 0, 5), between('b', 5, 9)])).toMatchObject({
      interval: { lowMs: 5, highMs: 5 },
      skewMs: 5,
    });
  });

  it('spans each majority that there may be, and takes its best value from the largest', () => {
    const readings = [between('a', 0, 10), between('b', 0, 3), between('c', 7, 10), between('d', 8, 10)];
    const voters = 3;
    expect(select(readings, voters)).toMatchObject({ interval: { lowMs: 0, highMs: 10 }, skewMs: 9, outvoted: [] });
  });

  it('takes the narrower one of two best values that as many agree on', () => {
    const readings = [between('a', 0, 10), between('b', 0, 6), between('c', 9, 10)];
    expect(select(readings)).toMatchObject({ skewMs: 9.5 });
  });

  it('names one that lies only where no majority is', () => {
    const readings = [
      between('wide', 0, 10),
      between('low', 0, 2),
      between('high', 8, 10),
      between('high too', 8, 10),
      between('low too', 0, 2),
      between('false', 4, 6),
    ];
    expect(select(readings, 5)).toMatchObject({ interval: { lowMs: 0, highMs: 10 }, outvoted: ['false'] });
  });
});

describe('for any clocks', () => {
  const anyMs = fc.integer({ min: -1000, max: 1000 });
  const anyWidthMs = fc.nat(200);
  const anyReading = fc.tuple(anyMs, anyWidthMs).map(([lowMs, widthMs]) => ({ lowMs, highMs: lowMs + widthMs }));
  const honestFor = (truthMs: number) =>
    fc.tuple(anyWidthMs, anyWidthMs).map(([below, above]) => ({ lowMs: truthMs - below, highMs: truthMs + above }));

  it('of which a minority lies or is silent, the truth lies within the result, and no honest one is outvoted', () => {
    const anyVote = anyMs.chain((truthMs) =>
      fc.record({
        truthMs: fc.constant(truthMs),
        honest: fc.array(honestFor(truthMs), { minLength: 1, maxLength: 9 }),
        liars: fc.array(anyReading, { maxLength: 8 }),
        silent: fc.nat(8),
        order: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      }),
    );
    fc.assert(
      fc.property(anyVote, ({ truthMs, honest, liars, silent, order }) => {
        fc.pre(honest.length > liars.length + silent);
        const mixed = [...honest, ...liars]
          .map((reading) => ({ reading, at: order.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ reading }) => reading);
        const selection = selectMajority(mixed, mixed.length + silent);
        if (selection.kind === 'none') throw new Error('the honest ones are a majority');
        const { interval, skewMs, outvoted, agreeing } = selection;
        expect(interval.lowMs).toBeLessThanOrEqual(truthMs);
        expect(interval.highMs).toBeGreaterThanOrEqual(truthMs);
        expect(interval.lowMs).toBeLessThanOrEqual(skewMs);
        expect(interval.highMs).toBeGreaterThanOrEqual(skewMs);
        for (const reading of honest) expect(outvoted).not.toContain(reading);
        expect(agreeing.length + outvoted.length).toBe(mixed.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('there is no majority exactly when no point lies in more than half of them', () => {
    fc.assert(
      fc.property(fc.array(anyReading, { minLength: 1, maxLength: 12 }), (readings) => {
        // A point that most intervals share can be moved down to where one of them begins.
        const most = Math.max(
          ...readings.map(({ lowMs }) => readings.filter((each) => each.lowMs <= lowMs && lowMs <= each.highMs).length),
        );
        expect(selectMajority(readings).kind).toBe(most > readings.length / 2 ? 'majority' : 'none');
      }),
      { numRuns: 1000 },
    );
  });
});

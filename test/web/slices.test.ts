import { describe, expect, it } from 'vitest';
import { inSlices } from '../../src/web/slices.ts';

/** The slices of some texts that are written at once, each with the turn of the event loop in which its pieces were taken. */
async function turnsOf(...texts: readonly (readonly string[])[]) {
  let turn = 0;
  let counting = true;
  const count = () => {
    turn += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const taken: number[] = [];
  function* noting(pieces: readonly string[]) {
    for (const piece of pieces) {
      taken.push(turn);
      yield piece;
    }
  }
  const slices = await Promise.all(texts.map((pieces) => allOf(inSlices(noting(pieces)))));
  counting = false;
  return { slices, taken };
}

async function allOf(slices: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const slice of slices) all.push(slice);
  return all;
}

/** How often each turn comes. */
function perTurn(turns: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const turn of turns) counts.set(turn, (counts.get(turn) ?? 0) + 1);
  return [...counts.values()];
}

describe('slices', () => {
  it('hold the whole text in its order, and none is long', async () => {
    const pieces = Array.from({ length: 5_000 }, (_, index) => `piece ${index} of some length\n`);
    const { slices, taken } = await turnsOf(pieces);
    expect(slices[0]?.join('')).toBe(pieces.join(''));
    expect(Math.max(...(slices[0] ?? []).map(({ length }) => length))).toBeLessThan(17_000);
    expect(Math.max(...perTurn(taken))).toBeLessThanOrEqual(250);
  });

  it('end also where the pieces are empty', async () => {
    const { slices, taken } = await turnsOf(new Array(3_000).fill(''));
    expect(slices).toEqual([[]]);
    expect(perTurn(taken)).toEqual(new Array(12).fill(250));
  });

  it('of several texts never share a turn', async () => {
    const text = new Array(1_000).fill('x');
    const { taken } = await turnsOf(text, text, text);
    expect(Math.max(...perTurn(taken))).toBeLessThanOrEqual(250);
  });
});

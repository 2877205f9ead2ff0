import { describe, expect, it } from 'vitest';
import { nextTurn } from '../../src/system/next-turn.ts';

/** Notes in which turn of the event loop something happens, counted from 1. */
function countTurns() {
  let turn = 0;
  let counting = true;
  const count = () => {
    turn += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  return {
    now: () => turn,
    stop() {
      counting = false;
    },
  };
}

describe('nextTurn', () => {
  it('gives each of those who wait a turn of its own, in the order in which they came', async () => {
    const turns = countTurns();
    const given: (readonly [string, number])[] = [];
    const work = async (name: string) => {
      for (let slice = 0; slice < 2; slice++) {
        await nextTurn();
        given.push([name, turns.now()]);
      }
    };
    await Promise.all([work('a'), work('b'), work('c')]);
    turns.stop();
    expect(given.map(([name]) => name)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
    expect(new Set(given.map(([, turn]) => turn)).size).toBe(6);
  });

  it('lets timers and sockets have their say between two slices', async () => {
    let slices = 0;
    let isRung = false;
    setTimeout(() => {
      isRung = true;
    }, 0);
    while (!isRung) {
      await nextTurn();
      slices += 1;
    }
    expect(slices).toBeGreaterThan(0);
  });
});

import { describe, expect, it } from 'vitest';
import { createSlices } from '../../src/system/slices.ts';

/** Work of which each step takes 0.4 ms, and what else happened meanwhile. */
async function work(steps: number, sliceMs?: number) {
  let nowMs = 0;
  const order: string[] = [];
  const slices = createSlices({ monotonicMs: () => nowMs }, sliceMs);
  const others = new Promise<void>((resolve) => {
    setImmediate(() => {
      order.push('others');
      resolve();
    });
  });
  for (let step = 0; step < steps; step++) {
    nowMs += 0.4;
    order.push(`${step}`);
    await slices.step();
  }
  await others;
  return order;
}

describe('slices', () => {
  it('let others have their turn when one is over, and not before', async () => {
    expect(await work(5)).toEqual(['0', '1', '2', 'others', '3', '4']);
  });

  it('are as long as they are asked to be', async () => {
    expect(await work(5, 0.5)).toEqual(['0', '1', 'others', '2', '3', '4']);
  });

  it('take no turn while time stands still', async () => {
    const slices = createSlices({ monotonicMs: () => 0 });
    expect(slices.step()).toBeUndefined();
  });
});

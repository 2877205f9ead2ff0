import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/system/random.ts';

describe('random bytes', () => {
  it.each([0, 1, 16, 4096, 4097, 10_000])('come %i at a time', (count) => {
    expect(createRandom().bytes(count)).toHaveLength(count);
  });

  it('come once', () => {
    const { bytes } = createRandom();
    const drawn = Array.from({ length: 2_000 }, () => bytes(16).toString('hex'));
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  it('belong to the one who asked', () => {
    const { bytes } = createRandom();
    const first = bytes(16);
    const copy = Buffer.from(first);
    bytes(16).fill(0);
    bytes(16);
    expect(first).toEqual(copy);
  });
});

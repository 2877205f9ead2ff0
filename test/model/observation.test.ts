import { describe, expect, it } from 'vitest';
import { addPhases, targetDurationMs } from '../../src/model/observation.ts';

describe('the phases of a run', () => {
  it('add up over its hops, in their order', () => {
    const sum = addPhases({ connect: 1, wait: 10 }, { connect: 2, tls: 5, wait: 20 });
    expect(sum).toEqual({ connect: 3, tls: 5, wait: 30 });
  });

  it("leave our own queue out of the target's time", () => {
    expect(targetDurationMs({ queue: 1000, connect: 1, wait: 2 })).toBe(3);
    expect(targetDurationMs({})).toBe(0);
  });
});

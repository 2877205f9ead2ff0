import { describe, expect, it } from 'vitest';
import { createRemembered } from '../../src/net/remembered.ts';

describe('what is remembered', () => {
  it('is made once, and made again when too many others came since', () => {
    const remembered = createRemembered<string, { readonly text: string }>(2);
    const ask = (text: string) => remembered(text, () => ({ text }));
    const first = ask('a');
    expect(ask('a')).toBe(first);
    ask('b');
    expect(ask('a')).toBe(first);
    ask('c');
    expect(ask('a')).toEqual(first);
    expect(ask('a')).not.toBe(first);
  });

  it('is not what could not be made', () => {
    const remembered = createRemembered<string, object>(2);
    const fail = () => {
      throw new RangeError('no');
    };
    expect(() => remembered('a', fail)).toThrow(RangeError);
    expect(remembered('a', () => ({ made: true }))).toEqual({ made: true });
  });
});

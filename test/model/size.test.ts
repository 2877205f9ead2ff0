import { describe, expect, it } from 'vitest';
import { parseSize } from '../../src/model/size.ts';

describe('parseSize', () => {
  it.each([
    ['512B', 512],
    ['64KiB', 65_536],
    ['1MiB', 1_048_576],
  ])('reads %s as %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '1', '1MB', '1.5MiB', '-1B', '1mib'])('refuses "%s"', (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});

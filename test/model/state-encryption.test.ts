import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStateKey } from '../../src/model/state-encryption.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('the text of a key', () => {
  it('stands for the same 32 bytes in base64, base64url and hexadecimal', () => {
    fc.assert(
      fc.property(bytes(32), (array) => {
        const key = Buffer.from(array);
        const base64 = key.toString('base64');
        const hex = key.toString('hex');
        for (const text of [base64, base64.replace('=', ''), key.toString('base64url'), hex, hex.toUpperCase()])
          expect(parseStateKey(text)).toEqual(key);
      }),
    );
  });

  it.each([0, 16, 31, 33, 48, 64])('stands for none when it has %i bytes', (length) => {
    const key = randomBytes(length);
    for (const form of ['base64', 'base64url', 'hex'] as const)
      expect(parseStateKey(key.toString(form))).toBeUndefined();
  });

  it.each([
    'correct horse battery staple',
    `${'a'.repeat(43)}==`,
    `${'a'.repeat(42)}!=`,
    `${'a'.repeat(43)}=\n`,
    `${'g'.repeat(64)}`,
    ` ${'0'.repeat(64)}`,
  ])('stands for none when it is %j', (text) => {
    expect(parseStateKey(text)).toBeUndefined();
  });
});

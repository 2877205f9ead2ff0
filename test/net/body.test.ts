import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyTooLarge, createBodyCollector } from '../../src/net/body.ts';

describe('a body collector', () => {
  it('keeps at most the bound, counts all that came, and says when it is passed', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), fc.nat(100), (chunks, maxBytes) => {
        const body = createBodyCollector(maxBytes);
        const whole = Buffer.concat(chunks);
        let came = 0;
        for (const chunk of chunks) {
          came += chunk.length;
          expect(body.take(Buffer.from(chunk))).toBe(chunk.length === 0 || came <= maxBytes);
        }
        expect(body.wireBytes()).toBe(whole.length);
        expect(body.bytes()).toEqual(whole.subarray(0, maxBytes));
      }),
    );
  });

  it('names the bound in the error', () => {
    expect(bodyTooLarge(1000)).toMatchObject({ code: 'BODY_TOO_LARGE', message: 'the body is larger than 1000 bytes' });
  });
});

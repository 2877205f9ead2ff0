import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptedCodings, decompress } from '../../src/net/decompress.ts';

const text = Buffer.from('{"data":[{"id":"one"}]}'.repeat(10));

const coders = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
};

describe('decompression', () => {
  it.each(Object.entries(coders))('undoes %s', async (coding, code) => {
    expect(await decompress(code(text), coding, 1000)).toEqual(text);
  });

  it('undoes every coding that is asked for', () => {
    for (const coding of acceptedCodings.split(', ')) expect(Object.keys(coders)).toContain(coding);
  });

  it('undoes a bare deflate stream, as some servers send it', async () => {
    expect(await decompress(deflateRawSync(text), 'deflate', 1000)).toEqual(text);
  });

  it('undoes stacked codings, the last one first, in any case and with identity among them', async () => {
    expect(await decompress(brotliCompressSync(gzipSync(text)), 'GZIP, identity,Br', 1000)).toEqual(text);
  });

  it('gives back what any stack of codings was made from', async () => {
    const names = Object.keys(coders) as (keyof typeof coders)[];
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 500 }),
        fc.array(fc.constantFrom(...names), { maxLength: 4 }),
        async (bytes, codings) => {
          const coded = codings.reduce((body, coding) => coders[coding](body), Buffer.from(bytes));
          expect(await decompress(coded, codings.join(', '), 10_000)).toEqual(Buffer.from(bytes));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves a body with an unknown coding, without a coding, or without bytes as it is', async () => {
    for (const coding of ['', 'identity', 'utf-8', 'compress, gzip', 'constructor'])
      expect(await decompress(text, coding, 1000)).toBe(text);
    expect(await decompress(Buffer.alloc(0), 'gzip', 1000)).toHaveLength(0);
  });

  it.each(Object.entries(coders))('stops a bomb of %s at the bound', async (coding, code) => {
    const bomb = code(Buffer.alloc(5_000_000));
    await expect(decompress(bomb, coding, 10_000)).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
  });

  it.each(Object.keys(coders))('fails for a body that is no %s, or not a whole one', async (coding) => {
    await expect(decompress(Buffer.from('<html>'), coding, 1000)).rejects.toMatchObject({
      code: 'DECOMPRESSION_FAILED',
      message: expect.stringContaining(`no ${coding}`),
    });
  });

  it('fails for more codings than anybody stacks', async () => {
    await expect(decompress(text, Array(5).fill('gzip').join(), 1000)).rejects.toMatchObject({
      code: 'DECOMPRESSION_FAILED',
      message: 'the body has 5 codings',
    });
  });
});

import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compressText } from '../../src/web/compressed-text.ts';

const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ${Math.sin(index)}\n`);
const read = async (chunks: AsyncIterable<Buffer>) => gunzipSync(await buffer(chunks)).toString();

describe('a compressed text', () => {
  it('is the same for who reads from its start, from its middle and after its end', async () => {
    const text = compressText(lines);
    const early = read(text.chunks());
    const middle = text.chunks();
    await middle.next();
    const late = read(text.chunks());
    await text.ended;
    const afterwards = read(text.chunks());
    for (const got of await Promise.all([early, late, afterwards])) expect(got).toBe(lines.join(''));
  });

  it('is written to its end once, however its readers behave', async () => {
    let taken = 0;
    function* counted() {
      for (const line of lines) {
        taken += 1;
        yield line;
      }
    }
    const text = compressText(counted());
    const leaving = text.chunks();
    await leaving.next();
    await leaving.return(undefined);
    const stuck = text.chunks();
    await stuck.next();
    expect(await read(text.chunks())).toBe(lines.join(''));
    expect(taken).toBe(lines.length);
  });

  it('breaks for every reader when a piece cannot be written, and has ended then', async () => {
    const bug = new Error('bug');
    function* broken() {
      yield* lines;
      throw bug;
    }
    const text = compressText(broken());
    const early = buffer(text.chunks());
    await expect(early).rejects.toBe(bug);
    await text.ended;
    await expect(buffer(text.chunks())).rejects.toBe(bug);
  });
});

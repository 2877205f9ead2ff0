import { describe, expect, it } from 'vitest';
import { type PasteInput, readPastedLines } from '../../../src/cli/login/pasted-lines.ts';

/** A terminal, or a pipe, that gives these pieces one by one. */
function input(pieces: readonly string[], isTTY = false) {
  const modes: boolean[] = [];
  const paste: PasteInput = {
    isTTY,
    setRawMode: (on) => modes.push(on),
    async *[Symbol.asyncIterator]() {
      yield* pieces;
    },
  };
  return { paste, modes };
}

async function linesOf(pieces: readonly string[], isTTY = false) {
  const { paste, modes } = input(pieces, isTTY);
  let stops = 0;
  const lines: string[] = [];
  for await (const line of readPastedLines(paste, () => {
    stops += 1;
  }))
    lines.push(line);
  return { lines, stops, modes };
}

describe('what a pipe writes', () => {
  it.each([
    [['one\ntwo\n'], ['one', 'two']],
    [
      ['o', 'ne\r', '\n\ntw', 'o'],
      ['one', 'two'],
    ],
    [[], []],
    [['a\u0003b\u0004c\u007f\n'], ['a\u0003b\u0004c\u007f']],
  ])('%j is read as the lines %j', async (pieces, lines) => {
    expect(await linesOf(pieces)).toEqual({ lines, stops: 0, modes: [] });
  });

  it('is bounded', async () => {
    const { lines } = await linesOf(['a'.repeat(100_000), '\n']);
    expect(lines[0]).toHaveLength(65_536);
  });
});

describe('what a person types at a terminal (a fake one)', () => {
  it('is not shown, and the terminal is left as it was', async () => {
    expect(await linesOf(['code=a\r'], true)).toEqual({ lines: ['code=a'], stops: 0, modes: [true, false] });
  });

  it('is more than the 4095 characters that a terminal takes in a line', async () => {
    expect((await linesOf([`${'a'.repeat(9000)}\r`], true)).lines[0]).toHaveLength(9000);
  });

  it('can be taken back letter by letter', async () => {
    expect((await linesOf(['ax\u007fb\bc\r'], true)).lines).toEqual(['ac']);
  });

  it('ends by Ctrl-C and by Ctrl-D', async () => {
    expect(await linesOf(['co\u0003de\r'], true)).toEqual({ lines: [], stops: 1, modes: [true, false] });
    expect(await linesOf(['\u0004code\r'], true)).toEqual({ lines: [], stops: 0, modes: [true, false] });
  });

  it('is no longer awaited by a terminal that is left early', async () => {
    const { paste, modes } = input(['one\r', 'two\r'], true);
    for await (const _ of readPastedLines(paste, () => {})) break;
    expect(modes).toEqual([true, false]);
  });
});

/** Where a person pastes, or a pipe writes. */
export interface PasteInput extends AsyncIterable<string> {
  readonly isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
}

const interrupt = '\u0003';
const endOfInput = '\u0004';
const erasures = new Set(['\u007f', '\b']);
const ends = new Set(['\r', '\n']);
/** An address is a few kilobytes; what is longer is something else. */
const longestLine = 64 * 1024;

/**
 * The lines that come, without their ends; empty ones are left out. A terminal shows nothing of them: what is pasted holds
 * a code; and its own lines would end after 4095 characters, which some addresses exceed. Ctrl-C calls `stop`.
 */
export async function* readPastedLines(input: PasteInput, stop: () => void): AsyncGenerator<string> {
  const isTyped = input.isTTY === true;
  if (isTyped) input.setRawMode?.(true);
  let line = '';
  try {
    for await (const piece of input) {
      for (const character of piece) {
        if (isTyped && character === interrupt) return stop();
        if (isTyped && character === endOfInput) return;
        if (isTyped && erasures.has(character)) line = line.slice(0, -1);
        else if (!ends.has(character)) line = line.length < longestLine ? line + character : line;
        else if (line !== '') {
          yield line;
          line = '';
        }
      }
    }
    if (line !== '') yield line;
  } finally {
    if (isTyped) input.setRawMode?.(false);
  }
}

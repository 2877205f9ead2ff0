/** A text as one of its readers may read it, with escapes taken back. */
export interface TextView {
  readonly text: string;
  /** Where in the text as it was written that begins which stands here at an index. */
  toSource(index: number): number;
}

/** A way to write single characters. */
interface Escapes {
  readonly pattern: RegExp;
  /** The character that a match of the pattern stands for. */
  read(escaped: string): string;
}

const characters: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const longestCodePoint = 0x10_ffff;

function numberedCharacter(digits: string, radix: number): string {
  return String.fromCodePoint(Math.min(Number.parseInt(digits, radix), longestCodePoint));
}

/** Of addresses and forms, with one character of UTF-8 a match; of JSON; of HTML. */
const allEscapes: readonly Escapes[] = [
  {
    pattern: /%[0-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-7](?:%[89ab][\da-f]){3}/gi,
    read: (escaped) => Buffer.from(escaped.replaceAll('%', ''), 'hex').toString(),
  },
  {
    pattern: /\\(?:u[\da-fA-F]{4}|["\\/bfnrt])/g,
    read: ([, name = '', ...digits]) =>
      name === 'u' ? String.fromCharCode(Number.parseInt(digits.join(''), 16)) : (characters[name] ?? name),
  },
  {
    pattern: /&(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-f]{1,6});/gi,
    read(escaped) {
      const name = escaped.slice(1, -1).toLowerCase();
      if (name.startsWith('#x')) return numberedCharacter(name.slice(2), 16);
      return name.startsWith('#') ? numberedCharacter(name.slice(1), 10) : (entities[name] as string);
    },
  },
];

/** From `at` on, what stands here stands so many characters later in the text as it was written. */
interface Shift {
  readonly at: number;
  readonly by: number;
}

/** Empty when there is nothing to take back. */
function decode(written: TextView, { pattern, read }: Escapes): TextView[] {
  const shifts: Shift[] = [];
  let text = '';
  let done = 0;
  for (const { 0: escaped, index } of written.text.matchAll(pattern)) {
    text += written.text.slice(done, index) + read(escaped);
    done = index + escaped.length;
    shifts.push({ at: text.length, by: done - text.length });
  }
  if (done === 0) return [];
  text += written.text.slice(done);
  return [{ text, toSource: (index) => written.toSource(index + shiftAt(shifts, index)) }];
}

/** By halves: what is searched may be made of escapes alone. */
function shiftAt(shifts: readonly Shift[], index: number): number {
  let [from, to] = [0, shifts.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((shifts[middle] as Shift).at <= index) from = middle + 1;
    else to = middle;
  }
  return shifts[from - 1]?.by ?? 0;
}

/** What each escape begins with. */
const beginsEscape = /[%\\&]/;

/** JSON in an address, which is part of another address, say. */
const mostLayers = 3;

/**
 * The text as it stands, and with the escapes of addresses, of JSON and of HTML taken back, up to three of them one after
 * another. A text without escapes has one view.
 */
export function viewsOf(text: string): readonly TextView[] {
  const asWritten: TextView = { text, toSource: (index) => index };
  if (!beginsEscape.test(text)) return [asWritten];
  const views = new Map<string, TextView>([[text, asWritten]]);
  let outer = [...views.values()];
  for (let layers = 0; layers < mostLayers; layers++) {
    const inner: TextView[] = [];
    for (const view of outer.flatMap((written) => allEscapes.flatMap((escapes) => decode(written, escapes)))) {
      if (views.has(view.text)) continue;
      views.set(view.text, view);
      inner.push(view);
    }
    outer = inner;
  }
  return [...views.values()];
}

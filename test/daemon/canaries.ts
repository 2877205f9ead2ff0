/** A leak: which canary was found where, and what stands around it. */
interface Leak {
  readonly canary: string;
  readonly place: string;
  readonly context: string;
}

/** Secrets that a test has set out, all places where none of them may come to light, and the search. */
export interface Canaries {
  /**
   * From now on it must be found nowhere. Throws `RangeError` for one of under 16 characters. Of PEM the key counts, and of
   * a JWT its signature: the rest has much in common with others.
   */
  add(kind: string, value: string): void;
  /** A text that sonde has let out. `lawful`: kinds that may stand there. */
  place(name: string, text: string, lawful?: readonly string[]): void;
  /** All canaries that stand somewhere, each once a place. */
  leaks(): readonly Leak[];
  /** How many canaries there are, by kind; some are of several. */
  kinds(): ReadonlyMap<string, number>;
  /** How many canaries are looked for in how many places, and the length of all texts together. */
  searched(): { readonly canaries: number; readonly places: number; readonly characters: number };
}

/** What is looked up in a text: no two texts have so much in common by chance. */
const pieceLength = 16;
const shownAround = 80;

/** Base64 of a text within other text: without the characters that depend on the neighbours. */
function base64Cores(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes, Buffer.alloc(2)]);
    const [start, end] = [Math.ceil((shift * 4) / 3), Math.floor(((shift + bytes.length) * 4) / 3)];
    return (['base64', 'base64url'] as const).map((alphabet) => whole.toString(alphabet).slice(start, end));
  });
}

/** The forms that no view of a text brings back to the value itself. */
function formsOf(value: string): Set<string> {
  const texts = [value, encodeURIComponent(value), new URLSearchParams({ '': value }).toString().slice(1)];
  const buffers = texts.map((text) => Buffer.from(text));
  const latin1 = Buffer.from(value, 'latin1');
  return new Set([value, ...[...buffers, latin1].flatMap((bytes) => [...base64Cores(bytes), bytes.toString('hex')])]);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const withoutEntities = (text: string) =>
  text
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '')
    .replace(/&#(x?)([0-9a-f]{1,6});/gi, (_, hex: string, digits: string) =>
      String.fromCodePoint(Number.parseInt(digits, hex ? 16 : 10)),
    );

const withoutEscapes = (text: string) =>
  text
    .replace(/\\u([0-9a-f]{4})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    .replace(/\\n/g, '\n')
    .replace(/\\(["\\/])/g, '$1');

const withoutPercents = (text: string) =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (codes) => Buffer.from(codes.replaceAll('%', ''), 'hex').toString());

/** A text as it is, and as its readers may read it. What differs by case alone is the same here. */
function viewsOf(text: string): Set<string> {
  const plain = [
    text,
    Buffer.from(text, 'latin1').toString(),
    withoutEscapes(text),
    withoutEscapes(withoutEscapes(text)),
    withoutEntities(text),
  ];
  const views = [...plain, ...plain.map(withoutPercents), withoutPercents(text).replaceAll('+', ' ')];
  return new Set(views.map((view) => view.toLowerCase()));
}

/** By their hash; few share one. */
type PieceIndex = Map<number, readonly { readonly piece: string; readonly value: string }[]>;

const base = 0x0100_0193;
const withoutFirst = Array.from({ length: pieceLength }, () => base).reduce(Math.imul, 1);

function hashOf(piece: string): number {
  let hash = 0;
  for (let index = 0; index < piece.length; index++) hash = (Math.imul(hash, base) + piece.charCodeAt(index)) | 0;
  return hash;
}

/** Rolls the hash over the text: there are megabytes of it. */
function* piecesIn(text: string, index: PieceIndex): Generator<{ readonly value: string; readonly at: number }> {
  let hash = 0;
  for (let end = 0; end < text.length; end++) {
    hash = (Math.imul(hash, base) + text.charCodeAt(end)) | 0;
    if (end >= pieceLength) hash = (hash - Math.imul(text.charCodeAt(end - pieceLength), withoutFirst)) | 0;
    const at = end + 1 - pieceLength;
    for (const { piece, value } of index.get(hash) ?? []) if (text.startsWith(piece, at)) yield { value, at };
  }
}

const signatureOf = (text: string) => /^eyJ[\w-]+\.[\w-]+\.([\w-]{16,})$/.exec(text)?.[1];

export function createCanaries(): Canaries {
  const kindsOf = new Map<string, Set<string>>();
  const places: { name: string; text: string; lawful: readonly string[] }[] = [];

  const note = (kind: string, value: string) => {
    const known = kindsOf.get(value);
    if (known) known.add(kind);
    else kindsOf.set(value, new Set([kind]));
  };

  /** Pieces of all forms, one after the other: what is found of one is longer than two of them, or the whole. */
  const indexed = () => {
    const index: PieceIndex = new Map();
    for (const value of kindsOf.keys())
      for (const form of formsOf(value)) {
        const text = form.toLowerCase();
        for (let at = 0; at + pieceLength <= text.length; at += pieceLength) {
          const piece = text.slice(at, at + pieceLength);
          const hash = hashOf(piece);
          index.set(hash, [...(index.get(hash) ?? []), { piece, value }]);
        }
      }
    return index;
  };

  return {
    add(kind, text) {
      const value = signatureOf(text) ?? text;
      if (value.length < pieceLength) throw new RangeError(`${value} is too short for a canary`);
      if (!value.includes('-----BEGIN ')) return note(kind, value);
      note(kind, value.replaceAll(/-----[^-]*-----/g, '').replaceAll(/\s/g, ''));
      for (const line of value.split('\n')) if (line.length >= pieceLength && !line.includes('-----')) note(kind, line);
    },
    place: (name, text, lawful = []) => void places.push({ name, text, lawful }),
    leaks() {
      const index = indexed();
      const found = new Map<string, Leak>();
      for (const { name, text, lawful } of places)
        for (const view of viewsOf(text))
          for (const { value, at } of piecesIn(view, index)) {
            const kinds = kindsOf.get(value) as Set<string>;
            if (lawful.some((kind) => kinds.has(kind))) continue;
            const canary = `${[...kinds].join(', ')} ${value}`;
            const context = view.slice(Math.max(0, at - shownAround), at + pieceLength + shownAround);
            found.set(`${name} ${canary}`, { canary, place: name, context });
          }
      return [...found.values()];
    },
    kinds() {
      const counts = new Map<string, number>();
      for (const kinds of kindsOf.values()) for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
      return counts;
    },
    searched: () => ({
      canaries: kindsOf.size,
      places: places.length,
      characters: places.reduce((sum, { text }) => sum + text.length, 0),
    }),
  };
}

/** A part of a text, from `start` up to, but not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Finds many words in a text in one pass. */
export interface Automaton {
  /** The parts of a text that words cover, in order; those that overlap are one. Takes time linear in the length of the text. */
  coveredSpans(text: string): Span[];
}

/** Typed arrays have a value at each index that is used here. */
const at = (array: Int32Array | Uint16Array, index: number) => array[index] as number;

/**
 * The automaton of Aho and Corasick. Its states are indices into typed arrays, 18 bytes each: access tokens are long,
 * and each has many written forms. State 0 is the root, and also says that there is none.
 */
export function createAutomaton(words: readonly string[]): Automaton {
  const size = words.reduce((sum, word) => sum + word.length, 1);
  const codes = new Uint16Array(size);
  const firstChild = new Int32Array(size);
  const nextSibling = new Int32Array(size);
  /** Where to go on when no next character fits: the longest end of what was read that begins a word. */
  const fallback = new Int32Array(size);
  /** Length of the longest word that ends in a state; 0 for none. */
  const found = new Int32Array(size);
  /** The root has many children, and is where nearly all characters of a text lead. */
  const rootChildren = new Map<number, number>();
  let states = 1;

  const childOf = (state: number, code: number): number => {
    if (state === 0) return rootChildren.get(code) ?? 0;
    let child = at(firstChild, state);
    while (child !== 0 && at(codes, child) !== code) child = at(nextSibling, child);
    return child;
  };
  const addChild = (state: number, code: number): number => {
    const child = states++;
    codes[child] = code;
    nextSibling[child] = at(firstChild, state);
    firstChild[state] = child;
    if (state === 0) rootChildren.set(code, child);
    return child;
  };
  const step = (from: number, code: number): number => {
    let state = from;
    let following = childOf(state, code);
    while (following === 0 && state !== 0) {
      state = at(fallback, state);
      following = childOf(state, code);
    }
    return following;
  };

  for (const word of words) {
    let state = 0;
    for (let index = 0; index < word.length; index++) {
      const code = word.charCodeAt(index);
      state = childOf(state, code) || addChild(state, code);
    }
    found[state] = word.length;
  }
  const queue = [0];
  for (const state of queue) {
    for (let child = at(firstChild, state); child !== 0; child = at(nextSibling, child)) {
      fallback[child] = state === 0 ? 0 : step(at(fallback, state), at(codes, child));
      found[child] = Math.max(at(found, child), at(found, at(fallback, child)));
      queue.push(child);
    }
  }

  return {
    coveredSpans(text) {
      const spans: Span[] = [];
      let state = 0;
      for (let index = 0; index < text.length; index++) {
        state = step(state, text.charCodeAt(index));
        const length = at(found, state);
        if (length === 0) continue;
        const end = index + 1;
        let start = end - length;
        for (let last = spans.at(-1); last && last.end > start; last = spans.at(-1)) {
          start = Math.min(start, last.start);
          spans.pop();
        }
        spans.push({ start, end });
      }
      return spans;
    },
  };
}

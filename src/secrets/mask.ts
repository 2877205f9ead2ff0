import type { Secret } from '../model/secret.ts';

/** Hides secrets in texts that come from outside: bodies, error descriptions, addresses. */
export interface Masker {
  /** From now on the value is hidden. Added twice, it must be removed twice. Values under 6 characters are left alone. */
  add(secret: Secret): void;
  remove(secret: Secret): void;
  /** The text with each known value, raw or encoded, replaced by `[secret]`. Takes time linear in its length. */
  mask(text: string): string;
}

/** A shorter value would be found in every second word. */
const shortest = 6;

const lowerHex = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());

function urlForms(text: string): string[] {
  const wellFormed = text.toWellFormed();
  const component = encodeURIComponent(wellFormed);
  const form = new URLSearchParams({ '': wellFormed }).toString().slice(1);
  return [component, form, lowerHex(component), lowerHex(form)];
}

/**
 * What base64 makes of a text wherever it stands within other text (`id:secret` of Basic authentication): three
 * alignments, without the characters that depend on the neighbours.
 */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const first = Math.ceil((shift * 8) / 6);
    const core = encoded.slice(first, Math.floor(((shift + bytes.length) * 8) / 6));
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** All the ways in which a value may be written. */
function formsOf(value: string): string[] {
  const texts = [value, ...urlForms(value)];
  const json = JSON.stringify(value).slice(1, -1);
  const forms = new Set([...texts, json, json.replaceAll('/', '\\/'), ...texts.flatMap(base64Forms)]);
  return [...forms].filter((form) => form.length >= shortest);
}

interface State {
  readonly next: Map<string, State>;
  readonly depth: number;
  /** Where to go on when no next character fits: the longest end of what was read that begins a form. */
  fallback: State | undefined;
  /** Length of the longest form that ends here; 0 for none. */
  found: number;
}

const createState = (depth: number): State => ({ next: new Map(), depth, fallback: undefined, found: 0 });

/** The automaton of Aho and Corasick: finds all forms in one pass, whatever the text. */
function buildAutomaton(forms: Iterable<string>): State {
  const root = createState(0);
  for (const form of forms) {
    let state = root;
    for (let index = 0; index < form.length; index++) {
      const character = form.charAt(index);
      let following = state.next.get(character);
      if (!following) {
        following = createState(state.depth + 1);
        state.next.set(character, following);
      }
      state = following;
    }
    state.found = form.length;
  }
  const queue = [root];
  for (const state of queue) {
    for (const [character, following] of state.next) {
      following.fallback = state === root ? root : step(root, state.fallback ?? root, character);
      following.found = Math.max(following.found, following.fallback.found);
      queue.push(following);
    }
  }
  return root;
}

function step(root: State, from: State, character: string): State {
  let state: State | undefined = from;
  while (state) {
    const following = state.next.get(character);
    if (following) return following;
    state = state.fallback;
  }
  return root;
}

/** The spans `[start, end]` that forms cover, in order and without overlap. */
function coveredSpans(root: State, text: string): [number, number][] {
  const spans: [number, number][] = [];
  let state = root;
  for (let index = 0; index < text.length; index++) {
    state = step(root, state, text.charAt(index));
    if (state.found === 0) continue;
    let start = index + 1 - state.found;
    for (let last = spans.at(-1); last && last[1] > start; last = spans.at(-1)) {
      start = Math.min(start, last[0]);
      spans.pop();
    }
    spans.push([start, index + 1]);
  }
  return spans;
}

export function createMasker(): Masker {
  const counts = new Map<string, number>();
  let automaton: State | undefined;
  const count = (secret: Secret, change: number) => {
    const value = secret.reveal();
    if (value.length < shortest) return;
    const held = (counts.get(value) ?? 0) + change;
    if (held > 0) counts.set(value, held);
    else counts.delete(value);
    automaton = undefined;
  };

  return {
    add: (secret) => count(secret, 1),
    remove: (secret) => count(secret, -1),
    mask(text) {
      if (counts.size === 0) return text;
      automaton ??= buildAutomaton([...counts.keys()].flatMap(formsOf));
      let end = 0;
      let masked = '';
      for (const [from, to] of coveredSpans(automaton, text)) {
        masked += `${text.slice(end, from)}[secret]`;
        end = to;
      }
      return masked + text.slice(end);
    },
  };
}

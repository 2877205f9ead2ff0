import type { Secret } from '../model/secret.ts';
import { type Automaton, createAutomaton } from './automaton.ts';

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

export function createMasker(): Masker {
  const counts = new Map<string, number>();
  let automaton: Automaton | undefined;
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
      automaton ??= createAutomaton([...counts.keys()].flatMap(formsOf));
      let done = 0;
      let masked = '';
      for (const { start, end } of automaton.coveredSpans(text)) {
        masked += `${text.slice(done, start)}[secret]`;
        done = end;
      }
      return masked + text.slice(done);
    },
  };
}

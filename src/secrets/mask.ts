import type { Secret } from '../model/secret.ts';
import { secretForms, shortestForm } from '../model/secret-forms.ts';
import { type Automaton, createAutomaton } from './automaton.ts';

/** Hides secrets in texts that come from outside: bodies, error descriptions, addresses. */
export interface Masker {
  /** From now on the value is hidden. Added twice, it must be removed twice. Values under 6 characters are left alone. */
  add(secret: Secret): void;
  remove(secret: Secret): void;
  /** The text with each known value, raw or encoded, replaced by `[secret]`. Takes time linear in its length. */
  mask(text: string): string;
}

export function createMasker(): Masker {
  const counts = new Map<string, number>();
  let automaton: Automaton | undefined;
  const count = (secret: Secret, change: number) => {
    const value = secret.reveal();
    if (value.length < shortestForm) return;
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
      automaton ??= createAutomaton([...counts.keys()].flatMap(secretForms));
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

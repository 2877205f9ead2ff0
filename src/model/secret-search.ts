import { secretForms, shortestForm } from './secret-forms.ts';
import { type TextView, viewsOf } from './text-views.ts';

/** Secrets that are taken out of texts. */
export interface SecretSearch {
  /** Added twice, a value is there once. One of under `shortestForm` characters is never found. */
  add(value: string): void;
  remove(value: string): void;
  /**
   * The text with each value, however it is written in it, replaced by `[secret]`. Takes time linear in the length of the
   * text, whatever the number of values.
   */
  conceal(text: string): string;
}

/** From `start` up to, but not including, `end`. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** By shifts of five bits, a character has left the hash of 30 bits after `shortestForm` further ones. */
const hashMask = 0x3fff_ffff;
const hashWith = (hash: number, code: number) => ((hash << 5) ^ code) & hashMask;

function hashOfEnd(form: string): number {
  let hash = 0;
  for (let index = form.length - shortestForm; index < form.length; index++)
    hash = hashWith(hash, form.charCodeAt(index));
  return hash;
}

/** Finds forms by their ends: tokens of one issuer begin alike, and end in a signature. */
export function createSecretSearch(): SecretSearch {
  const formsOfValue = new Map<string, readonly string[]>();
  /** By the hash of their last characters; a form that several values share is there several times. */
  const formsByEnd = new Map<number, string[]>();

  const spansIn = ({ text, toSource }: TextView): Span[] => {
    const spans: Span[] = [];
    let hash = 0;
    for (let index = 0; index < text.length; index++) {
      hash = hashWith(hash, text.charCodeAt(index));
      const forms = formsByEnd.get(hash);
      const length = forms ? longestBefore(text, index + 1, forms) : 0;
      if (length > 0) spans.push({ start: toSource(index + 1 - length), end: toSource(index + 1) });
    }
    return spans;
  };

  return {
    add(value) {
      if (formsOfValue.has(value) || value.length < shortestForm) return;
      const forms = secretForms(value);
      formsOfValue.set(value, forms);
      for (const form of forms) {
        const hash = hashOfEnd(form);
        formsByEnd.set(hash, [...(formsByEnd.get(hash) ?? []), form]);
      }
    },
    remove(value) {
      for (const form of formsOfValue.get(value) ?? []) {
        const hash = hashOfEnd(form);
        const others = [...(formsByEnd.get(hash) as string[])];
        others.splice(others.indexOf(form), 1);
        if (others.length > 0) formsByEnd.set(hash, others);
        else formsByEnd.delete(hash);
      }
      formsOfValue.delete(value);
    },
    conceal(text) {
      if (formsByEnd.size === 0 || text.length < shortestForm) return text;
      let done = 0;
      let shown = '';
      for (const { start, end } of joined(viewsOf(text).flatMap(spansIn))) {
        shown += `${text.slice(done, start)}[secret]`;
        done = end;
      }
      return shown + text.slice(done);
    },
  };
}

/** Length of the longest form that ends there; 0 when none does. */
function longestBefore(text: string, end: number, forms: readonly string[]): number {
  return forms.reduce((longest, form) => (text.endsWith(form, end) ? Math.max(longest, form.length) : longest), 0);
}

/** In order, with those that overlap made one. */
function joined(spans: readonly Span[]): readonly Span[] {
  const apart: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.start - other.start)) {
    const last = apart.at(-1);
    if (last && last.end > span.start) apart[apart.length - 1] = { ...last, end: Math.max(last.end, span.end) };
    else apart.push(span);
  }
  return apart;
}

import { RE2JS } from 're2js';
import type { Effort } from './effort.ts';

/** A regular expression in RE2's syntax. It never backtracks: its time is linear in the text. */
export interface Pattern {
  /** Whether it matches anywhere in the text. */
  foundIn(text: string, effort: Effort): boolean;
}

/** Throws an `Error` whose message says what is wrong with the expression. */
export function compilePattern(source: string): Pattern {
  const expression = RE2JS.compile(source);
  const instructions = expression.matcher('').programSize();
  return {
    foundIn(text, effort) {
      effort.spend(instructions * text.length);
      return expression.test(text);
    },
  };
}

/** What is wrong with a regular expression, as a sentence; undefined when it is right. */
export function patternFault(source: string): string | undefined {
  try {
    compilePattern(source);
    return undefined;
  } catch (error) {
    const reason = (error as Error).message.replace(/^error parsing regexp: /, '');
    return `not a regular expression that RE2 takes (no look-around, no back-references): ${reason}`;
  }
}

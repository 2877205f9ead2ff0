import { z } from 'zod';
import type { Effort } from './effort.ts';
import { compilePattern, patternFault } from './pattern.ts';

/** A regular expression of the configuration: one that RE2 refuses is an error of the schema. */
export const patternSchema = z.string().superRefine((source, context) => {
  const message = patternFault(source);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** What a text has to be; all that is said of it has to hold. */
export interface TextWish {
  readonly equals?: string | number | boolean | undefined;
  readonly contains?: string | undefined;
  readonly matches?: string | undefined;
}

export interface TextCondition {
  /** In words: ` equals x and matches ^y`. */
  readonly words: string;
  holds(text: string, effort: Effort): boolean;
}

export function compileTextWish({ equals, contains, matches }: TextWish): TextCondition {
  const pattern = matches === undefined ? undefined : compilePattern(matches);
  const words = [
    equals === undefined ? [] : `equals ${equals}`,
    contains === undefined ? [] : `contains ${contains}`,
    matches === undefined ? [] : `matches ${matches}`,
  ];
  return {
    words: words.flat().join(' and '),
    holds: (text, effort) =>
      (equals === undefined || text === String(equals)) &&
      (contains === undefined || text.includes(contains)) &&
      (pattern === undefined || pattern.foundIn(text, effort)),
  };
}

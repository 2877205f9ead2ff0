import { Lexer } from 'yaml';

/** Mappings and lists within each other; far more than a configuration needs. */
export const deepest = 64;

/** The lexer puts these characters of no width between the parts of the text. */
const marks = new Set(['\u0002', '\u0018', '\u001f']);
const scalarFollows = '\u001f';

/**
 * Finds the bracket at which a text nests too deeply or closes what was never opened; undefined when there is none.
 * The YAML parser would recurse for each bracket and report each one, at a cost that grows with their product.
 */
export function findNestingFault(text: string): { readonly offset: number; readonly message: string } | undefined {
  let offset = 0;
  let depth = 0;
  let inScalar = false;
  for (const token of new Lexer().lex(text)) {
    if (marks.has(token) && !text.startsWith(token, offset)) {
      inScalar = token === scalarFollows;
      continue;
    }
    if (!inScalar && (token === '{' || token === '[')) depth++;
    if (!inScalar && (token === '}' || token === ']')) depth--;
    if (depth > deepest) return { offset, message: `is nested more than ${deepest} levels deep; expected far fewer` };
    if (depth < 0)
      return { offset, message: `"${token}" closes nothing; expected a "${token === '}' ? '{' : '['}" before it` };
    inScalar = false;
    offset += token.length;
  }
  return undefined;
}

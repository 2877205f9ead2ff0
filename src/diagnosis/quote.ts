/** The longest text that is quoted: some servers answer with a whole page where a word is due. */
const longest = 200;

/** Text of another's making, fit for one line of a log or a terminal: no control characters, shortened. */
export function quote(text: string): string {
  const start = text.slice(0, longest).toWellFormed();
  const line = start.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return text.length > longest ? `${line}…` : line;
}

/** More than a person reads of a list. */
const longestList = 20;

/** A list of another's making, each item quoted; only its start. */
export function quoteAll(texts: readonly string[]): readonly string[] {
  return texts.slice(0, longestList).map(quote);
}

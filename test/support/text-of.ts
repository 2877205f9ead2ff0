/** A text that is written piece by piece, as a whole. */
export function textOf(pieces: Iterable<string>): string {
  return [...pieces].join('');
}

import type { Masker } from './mask.ts';

/** All of this process: where a bug ends it, none is at hand. */
const masks = new Set<Masker>();

/** From now on `maskLastWords` hides what the mask knows. */
export function keepForLastWords(masker: Masker): void {
  masks.add(masker);
}

/** What a process says of the bug that ends it, without secrets: an error may quote what it broke on. */
export function maskLastWords(error: unknown): string {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [...masks].reduce((shown, { mask }) => mask(shown), words);
}

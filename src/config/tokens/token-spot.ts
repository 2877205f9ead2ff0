import { joinPath } from '../check-tree.ts';
import type { EntryContext } from '../entry-context.ts';
import type { FilledTree } from '../filled-tree.ts';
import { type Entry, keyPlaceAt, keysOf, type Path, placeAt } from '../yaml/tree.ts';
import { type TokenKey, tokenSchema } from './token-schema.ts';

/** One token while it is read: what it has, and where to say what is wrong with it. */
export interface TokenSpot {
  has(key: TokenKey): boolean;
  /** Whether all its keys are known: one that is misspelt may be the one that seems to be missing. */
  readonly isWhole: boolean;
  /** Whether a reference without a value stands at a path. */
  isUnknown(path: Path): boolean;
  /** Says something of the whole token, at its name. */
  report(sentence: string): void;
  /** Says something of a key, at the key. */
  reportKey(path: Path, sentence: string): void;
  /** Says something of a value, at the value. */
  reportValue(path: Path, sentence: string): void;
}

export function createTokenSpot(
  label: string,
  { keyPlace }: Entry,
  { tree, unknown }: FilledTree,
  { report }: EntryContext,
): TokenSpot {
  const keys = keysOf(tree);
  const named = (path: Path) => joinPath([label, ...path]);
  return {
    has: (key) => keys.includes(key),
    isWhole: keys.every((key) => Object.hasOwn(tokenSchema.shape, key)),
    isUnknown: (path) => unknown.has(joinPath(path)),
    report: (sentence) => report(keyPlace, `${label} ${sentence}`),
    reportKey: (path, sentence) => report(keyPlaceAt(tree, path), `${named(path)} ${sentence}`),
    reportValue: (path, sentence) => report(placeAt(tree, path), `${named(path)} ${sentence}`),
  };
}

import { revealText, Secret } from '../model/secret.ts';
import { joinPath } from './check-tree.ts';
import type { References } from './references.ts';
import { mapScalars, type Path, type Tree } from './yaml/tree.ts';

/** A tree whose references are filled in; a secret stays in it only until the definition is made. */
export interface FilledTree {
  readonly tree: Tree;
  /** Paths of references without a value: nothing more is said of them. */
  readonly unknown: ReadonlySet<string>;
  /** Whether what stands at a path is not shown: it is a secret, or a reference brought it. */
  hidden(path: Path): boolean;
}

export interface FillRules {
  /** Whether a secret stands at a path: it is known for masking, a plain one too. */
  isSecret(path: Path): boolean;
  /** Whether something may well be a secret there: what a reference brings is known for masking, and nothing is shown. */
  isClosed?(path: Path): boolean;
  /** Nothing can begin without the values: one that may come by itself has to be there. */
  readonly cannotWait?: boolean;
  /** What stands in for a reference without a value, so that the rest can be looked at. */
  standIn?(path: Path): string | undefined;
}

/** Fills in all references of a tree. What is wrong with one has been reported. */
export function fillTree(
  written: Tree,
  references: References,
  { isSecret, isClosed = () => false, cannotWait = false, standIn = () => undefined }: FillRules,
): FilledTree {
  const filled = new Set<string>();
  const unknown = new Set<string>();
  const tree = mapScalars(written, (scalar, path) => {
    if (typeof scalar.value !== 'string') return scalar;
    const secret = isSecret(path);
    const text = references.fill(scalar.value, scalar.place, { open: !secret && !isClosed(path), cannotWait });
    if (text === undefined) {
      unknown.add(joinPath(path));
      // What is written stands in for a secret, so that two tokens that refer to one can be seen.
      return { ...scalar, value: standIn(path) ?? (secret ? scalar.value : 'unknown') };
    }
    if (text instanceof Secret) filled.add(joinPath(path));
    if (secret) references.keep(new Secret(revealText(text)));
    return { ...scalar, value: revealText(text) };
  });
  const hidden = (path: Path) => path.length === 0 || isSecret(path) || isClosed(path) || filled.has(joinPath(path));
  return { tree, unknown, hidden };
}

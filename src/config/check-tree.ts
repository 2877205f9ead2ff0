import type { z } from 'zod';
import { suggest } from '../model/nearest.ts';
import { expectation } from './expectation.ts';
import type { Report } from './problem.ts';
import { showKey } from './show-key.ts';
import { knownKeys } from './yaml/known-keys.ts';
import { keyPlaceAt, type Path, pick, placeAt, type ScalarTree, type Tree, toPlain, treeAt } from './yaml/tree.ts';

type Issue = z.core.$ZodIssue;

/** How a tree is held against a schema. */
export interface TreeCheck<T> {
  readonly schema: z.ZodType<T>;
  readonly tree: Tree;
  /** How messages call the tree: `checks.api.http`. */
  readonly label: string;
  readonly report: Report;
  /** Whether what stands at a path is not shown: it may be a secret. */
  readonly hidden?: (path: Path) => boolean;
  /** Paths at which nothing is reported: what would stand there is not known. */
  readonly unknown?: ReadonlySet<string>;
}

/** A path as it is compared and shown: `refresh.every`. */
export function joinPath(path: Path): string {
  return path.join('.');
}

/** A path as messages show it. */
export function showPath(path: Path): string {
  return joinPath(path.filter((part) => part !== '').map(showKey));
}

const isUnknownKey = (issue: Issue) => issue.code === 'unrecognized_keys';

/** Of the schemas of a choice, the one that the value comes nearest to has the least to say about it. */
function nearestChoice(choices: readonly (readonly Issue[])[]): readonly Issue[] {
  const fault = (issues: readonly Issue[]) =>
    issues.reduce((sum, issue) => {
      if (issue.code === 'unrecognized_keys') return sum + 2 * issue.keys.length;
      return sum + (issue.code === 'invalid_type' && issue.path.length === 0 ? 100 : 1);
    }, 0);
  return choices.reduce((best, next) => (fault(next) < fault(best) ? next : best));
}

/** A choice between plain values is told as one: `expected text, or a list`. */
function tellChoice(choices: readonly (readonly Issue[])[]): string | undefined {
  const all = choices.flat();
  if (!all.every((issue) => issue.code === 'invalid_type' && issue.path.length === 0)) return undefined;
  return `expected ${[...new Set(all.map(({ message }) => message.replace(/^expected /, '')))].join(', or ')}`;
}

/** User info and parameters stand where no secret belongs, and all the same hold some. */
const mayHoldSecret = /@|\?.*=/s;

function showScalar({ value, source }: ScalarTree, hidden: boolean): string {
  if (value === null) return 'is empty';
  if (typeof value !== 'string')
    return hidden ? `is ${typeof value === 'number' ? 'a number' : 'true or false'}` : `is ${source}`;
  return hidden || value.length > 40 || mayHoldSecret.test(value) ? 'is not right' : `is ${JSON.stringify(value)}`;
}

function showTree(tree: Tree | undefined, hidden: boolean): string {
  if (!tree) return 'is missing';
  if (tree.type === 'scalar') return showScalar(tree, hidden);
  return tree.type === 'list' ? 'is a list' : 'is a mapping';
}

/** Says all that a schema finds wrong with a tree. */
function reportIssues<T>(check: TreeCheck<T>, issues: readonly Issue[], around: Path): void {
  const { schema, tree, label, report, hidden = () => false } = check;
  const named = (path: Path) => [label, showPath(path)].filter((part) => part !== '').join('.');
  const meant = new Set<string>();

  const reportUnknownKeys = (keys: readonly string[], path: Path) => {
    const known = knownKeys(schema, path);
    for (const key of keys) {
      const suggestion = suggest(key, known);
      meant.add(joinPath([...path, /^did you mean "(.*)"\?$/.exec(suggestion)?.[1] ?? key]));
      const shown = path.length > 0 && hidden(path) ? '…' : showKey(key);
      report(keyPlaceAt(tree, [...path, key]), `"${shown}" is not a key of ${named(path)}; ${suggestion}`);
    }
  };

  const reportOne = (issue: Issue) => {
    const path = [...around, ...(issue.path as Path)];
    const part = treeAt(tree, path);
    // A key that is missing because its name is misspelt has been spoken of.
    if (check.unknown?.has(joinPath(path)) || (!part && meant.has(joinPath(path)))) return;
    if (issue.code === 'unrecognized_keys') return reportUnknownKeys(issue.keys, path);
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const told = issue.message === '' ? tellChoice(issue.errors) : issue.message;
      if (told === undefined) return reportIssues(check, nearestChoice(issue.errors), path);
      return report(placeAt(tree, path), `${named(path)} ${showTree(part, hidden(path))}; ${told}`);
    }
    if (issue.code === 'invalid_key') {
      const why = issue.issues.map(({ message }) => message).join(', ');
      return report(
        keyPlaceAt(tree, path),
        `"${showKey(path.at(-1) as string)}" cannot be a name in ${named(path.slice(0, -1))}; ${why}`,
      );
    }
    const isHalf = /^(expected |did you mean )/.test(issue.message);
    report(placeAt(tree, path), `${named(path)}${isHalf ? ` ${showTree(part, hidden(path))};` : ':'} ${issue.message}`);
  };

  for (const issue of issues.filter(isUnknownKey)) reportOne(issue);
  for (const issue of issues.filter((each) => !isUnknownKey(each))) reportOne(issue);
}

/**
 * The value that a schema makes of a tree. All that is wrong is reported, and left out of the value, so that the rest can
 * be looked at; undefined when the rest alone is nothing.
 */
export function checkTree<T>(check: TreeCheck<T>): T | undefined {
  const { schema, tree } = check;
  const result = schema.safeParse(toPlain(tree), {
    error: (issue) => (issue.code === 'invalid_union' && issue.errors.length > 0 ? '' : expectation(issue)),
  });
  if (result.success) return result.data;
  const { issues } = result.error;
  reportIssues(check, issues, []);
  if (tree.type !== 'map') return undefined;
  const wrong = new Set(issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [issue.path[0]])));
  return schema.safeParse(toPlain(pick(tree, (key) => !wrong.has(key)))).data;
}

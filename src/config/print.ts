import { Document, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { createShow, type Effective, type Shown } from './effective.ts';
import { isEmpty, type ScalarTree, type Tree } from './yaml/tree.ts';

/** One value, and a comment that says where it comes from. */
function scalarNode(scalar: ScalarTree, shown: Shown): Scalar {
  if (shown.kind === 'plain') {
    const node = new Scalar(typeof scalar.value === 'string' ? shown.text : scalar.value);
    // A number stays as it is written: `1.10` is not `1.1`.
    if (typeof scalar.value === 'number') node.source = scalar.source;
    return withComment(node, shown.reference);
  }
  if (shown.kind === 'secret') return withComment(new Scalar(String(shown.value)), shown.reference ?? 'in plain text');
  return withComment(new Scalar(shown.reference), shown.problem);
}

function withComment(node: Scalar, comment: string | undefined): Scalar {
  if (comment !== undefined) node.comment = ` ${comment.replace(/\s+/g, ' ')}`;
  return node;
}

function nodeOf(tree: Tree, show: (scalar: ScalarTree) => Shown): Node {
  if (tree.type === 'scalar') return isEmpty(tree) ? new Scalar(null) : scalarNode(tree, show(tree));
  if (tree.type === 'list') {
    const list = new YAMLSeq();
    list.items = tree.items.map((item) => nodeOf(item, show));
    return list;
  }
  const map = new YAMLMap();
  map.items = [...tree.entries].map(([key, { tree: value }]) => new Pair(new Scalar(key), nodeOf(value, show)));
  return map;
}

/**
 * A configuration as YAML, with its environment laid over and without defaults. Each secret is `[secret]`, with the
 * references that brought it as a comment.
 */
export function printConfiguration(effective: Effective): string {
  const document = new Document();
  document.contents = nodeOf(effective.written, createShow(effective));
  return document.toString({ lineWidth: 0, nullStr: '' });
}

import { isKeyText } from '../../model/pem.ts';
import { joinPath } from '../check-tree.ts';
import { type MapTree, mapScalars, type Path, type Tree } from '../yaml/tree.ts';
import { keyTextPaths } from './token-keys.ts';

const ofTokens = new Set(keyTextPaths.map(joinPath));

/** Where keys and certificates stand. */
const keySections = ['vault', 'tokens'] as const;

/** Whether a path of a configuration is that of a key or certificate. */
function takesKeyText([section, ...path]: Path): boolean {
  if (section === 'vault') return joinPath(path) === 'ca';
  return section === 'tokens' && ofTokens.has(joinPath(path.slice(1)));
}

/** A key without its armour looks like nothing else; as a path it would be shown. */
const looksLikeKey = /^[A-Za-z0-9+=_-][A-Za-z0-9+/=_\s-]{43,}$/;

/**
 * The path of a file that holds a key or a certificate is read as a reference to that file would be: so it is watched,
 * and what comes into it is taken over.
 */
export function expandKeyFiles(content: MapTree): MapTree {
  const expand = (text: string) =>
    text === '' || text.includes('${') || isKeyText(text) || looksLikeKey.test(text) ? text : `\${file:${text}}`;
  const expandAll = (section: string, tree: Tree) =>
    mapScalars(
      tree,
      (scalar, path) =>
        typeof scalar.value === 'string' && takesKeyText(path) ? { ...scalar, value: expand(scalar.value) } : scalar,
      [section],
    );
  const entries = new Map(content.entries);
  for (const section of keySections) {
    const entry = entries.get(section);
    if (entry) entries.set(section, { ...entry, tree: expandAll(section, entry.tree) });
  }
  return { ...content, entries };
}

import { namesCredential } from '../model/credential-name.ts';
import { hole, plainParts, readSchemed } from '../model/plain-credential.ts';
import { Secret } from '../model/secret.ts';
import { urlCredentials } from '../model/url-credentials.ts';
import { probeKinds } from '../probes/index.ts';
import type { WrittenCredential } from '../probes/probe.ts';
import { joinPath, showPath } from './check-tree.ts';
import { type Credential, lineFor, referenceFor } from './plaintext.ts';
import { endpointKeys } from './tokens/token-schema.ts';
import { isTokenSecret } from './tokens/tokens.ts';
import { isVaultSecret } from './vault.ts';
import { keysOf, type MapTree, type Path, placeAt, scalarsOf, type Tree, treeAt } from './yaml/tree.ts';

/** A text with a hole in the place of each reference, also of one that is written wrongly. */
function withHoles(text: string): string {
  return text.replace(/\$\$\{|\$\{[^}]*\}?/g, (found) => (found.startsWith('$$') ? '${' : hole));
}

/** Plain data as it is written: numbers are their text, and references holes. */
function writtenData(tree: Tree): unknown {
  if (tree.type === 'list') return tree.items.map(writtenData);
  if (tree.type === 'map')
    return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, writtenData(entry.tree)]));
  if (typeof tree.value === 'number') return tree.source;
  return typeof tree.value === 'string' ? withHoles(tree.value) : tree.value;
}

/** Below a secret is no mapping, and what stands in the place of its keys is not shown. */
const isValue = (path: Path) => {
  const above = path.slice(0, -1);
  return !isTokenSecret(above) && !(above.length > 0 && above[0] === 'key');
};

const addressKeys: ReadonlySet<unknown> = new Set(['issuer', ...endpointKeys]);

function* inToken(token: Tree): Generator<WrittenCredential> {
  for (const [scalar, path] of scalarsOf(token)) {
    // What is no text is told by the schema.
    if (typeof scalar.value !== 'string' || scalar.value === '') continue;
    const text = withHoles(scalar.value);
    const isParameter = /^(login\.)?parameters\./.test(joinPath(path)) && namesCredential(String(path.at(-1)));
    const { scheme, plain } = path[0] === 'value' ? readSchemed(text, false) : { scheme: '', plain: plainParts(text) };
    if ((isTokenSecret(path) && isValue(path)) || isParameter)
      yield { path, plain, name: path.join('_'), around: (other) => scheme + other };
    if (!addressKeys.has(path[0])) continue;
    for (const { name, text: part, around } of urlCredentials(text))
      yield { path, plain: plainParts(part), name, around };
  }
}

function* inSection(
  section: Tree,
  isSecret: (path: Path) => boolean,
  nameOf: (path: Path) => string,
): Generator<WrittenCredential> {
  for (const [{ value }, path] of scalarsOf(section))
    if (typeof value === 'string' && value !== '' && isSecret(path) && isValue(path))
      yield { path, plain: plainParts(withHoles(value)), name: nameOf(path), around: (text) => text };
}

function* inCheck(check: Tree): Generator<WrittenCredential> {
  for (const { kind, credentials } of probeKinds) {
    const spec = treeAt(check, [kind]);
    if (!spec) continue;
    for (const found of credentials?.(writtenData(spec)) ?? []) yield { ...found, path: [kind, ...found.path] };
  }
}

/** A role's id opens nothing alone. */
const isSecretOfVault = (path: Path) => isVaultSecret(path) && path.at(-1) !== 'role_id';

/**
 * All credentials that stand in a configuration or an environment, whether or not the rest of it is right: those of one
 * entry of a section after the other. `label` is put in front of where they stand.
 */
export function* credentialsIn(content: MapTree, label: Path = []): Generator<readonly Credential[]> {
  const told = (top: Path, owner: string, { path, plain, name, around }: WrittenCredential): Credential => {
    const whole = [...top, ...path];
    const mend = around(referenceFor(owner, name ?? String(path.at(-1)))).replaceAll(hole, `\${…}`);
    return {
      path: whole,
      place: placeAt(content, whole),
      label: showPath([...label, ...whole]),
      plain: plain.map((part) => new Secret(part)),
      mend: lineFor(path, mend),
    };
  };
  const entriesOf = (section: string) => {
    const tree = content.entries.get(section)?.tree;
    return tree ? keysOf(tree).map((name) => [section, name] as const) : [];
  };
  const of = (top: readonly string[], owner: string, find: (tree: Tree) => Iterable<WrittenCredential>) => {
    const tree = treeAt(content, top);
    return tree ? [...find(tree)].map((found) => told(top, owner, found)) : [];
  };
  yield of(['state_encryption'], 'state', (tree) =>
    inSection(
      tree,
      (path) => path[0] === 'key' || path[0] === 'old_keys',
      ([key]) => (key === 'old_keys' ? 'old_key' : 'key'),
    ),
  );
  yield of(['vault'], 'vault', (tree) => inSection(tree, isSecretOfVault, (path) => String(path.at(-1))));
  for (const top of entriesOf('tokens')) yield of(top, top[1], inToken);
  for (const top of entriesOf('checks')) yield of(top, top[1], inCheck);
}

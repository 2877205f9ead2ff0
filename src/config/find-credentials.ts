import type { Place } from '../model/place.ts';
import type { Slices } from '../system/slices.ts';
import { credentialsIn } from './credentials.ts';
import type { Environments } from './environment.ts';
import type { Credential } from './plaintext.ts';
import { formatPlace } from './problem.ts';
import { expandKeyFiles } from './tokens/key-files.ts';
import { type MapTree, type Path, partsOf, pick, scalarsOf, type Tree, treeAt } from './yaml/tree.ts';

/** The credentials of all files, those of environments that are not laid over too. */
export interface WrittenCredentials {
  /** Whether a part of a credential may stand in the text at a place. */
  mayHold(place: Place): boolean;
  /**
   * Those that stand in plain text: it is a mistake wherever it is. `allowed` are those of what is laid over each other.
   * `allowsPlain` holds for these; another environment says so for itself.
   */
  plain(allowsPlain: boolean): { readonly refused: readonly Credential[]; readonly allowed: readonly Credential[] };
}

/** What an environment, or what it is laid over, says of `allow_plaintext_secrets`; undefined when nothing. */
function allows(content: MapTree): boolean | undefined {
  const said = treeAt(content, ['allow_plaintext_secrets']);
  return said?.type === 'scalar' && typeof said.value === 'boolean' ? said.value : undefined;
}

const isPlain = ({ plain }: Credential) => plain.length > 0;

/** An address with user info or parameters, or a text that may be a form. */
function* openTexts(part: Tree, top: Path): Generator<Place> {
  for (const [{ value, place }, path] of scalarsOf(part, top))
    if (typeof value === 'string' && (/[@?]/.test(value) || path.at(-1) === 'body')) yield place;
}

/** Finds the credentials of a configuration; `chosen` is the environment that is laid over. */
export async function findCredentials(
  content: MapTree,
  environments: Environments,
  chosen: string | undefined,
  slices: Slices,
): Promise<WrittenCredentials> {
  const base = pick(content, (key) => key !== 'environments');
  const find = async (tree: MapTree, label: Path = []) => {
    const found: Credential[] = [];
    for (const some of credentialsIn(expandKeyFiles(tree), label)) {
      found.push(...some);
      await slices.step();
    }
    return found;
  };
  const own = await find(base);
  const overlays: { isChosen: boolean; allows: boolean; credentials: readonly Credential[] }[] = [];
  for (const [name, tree] of environments)
    overlays.push({
      isChosen: name === chosen,
      allows: allows(tree) ?? allows(base) ?? false,
      credentials: await find(tree, ['environments', name]),
    });
  const effective = [...own, ...overlays.flatMap((each) => (each.isChosen ? each.credentials : []))].filter(isPlain);
  const others = overlays.flatMap((each) => (each.isChosen || each.allows ? [] : each.credentials)).filter(isPlain);
  const all = [...own, ...overlays.flatMap(({ credentials }) => credentials)];
  const closed = new Set(all.map(({ place }) => formatPlace(place)));
  for (const [part, path] of partsOf(content)) {
    for (const place of openTexts(part, path)) closed.add(formatPlace(place));
    await slices.step();
  }
  return {
    mayHold: (place) => closed.has(formatPlace(place)),
    plain: (allowsPlain) =>
      allowsPlain ? { refused: others, allowed: effective } : { refused: [...effective, ...others], allowed: [] },
  };
}

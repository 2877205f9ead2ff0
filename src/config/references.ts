import type { Place } from '../model/place.ts';
import { Secret, type Text } from '../model/secret.ts';
import { parseReferences, type Reference } from '../secrets/reference.ts';
import type { Resolution } from '../secrets/resolve-reference.ts';
import type { Report } from './problem.ts';
import { scalarsOf, type Tree } from './tree.ts';

/** Where references may stand, for messages. */
const allowedPlaces =
  'expected it in a header, a query value, a body, a URL, or a value under tokens; for the characters themselves write "$${"';

/** Whether a value is only where a host is found: every connection to it shows as much. */
function isOrigin(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === value.replace(/\/$/, '').toLowerCase();
}

/** Puts the values of references into the texts of the configuration. */
export interface References {
  /**
   * A text with its references filled in: a `Secret` if it has any, and its values are then among `secrets()` unless
   * `open` is set. A value that is only an origin, `https://api.example.com`, makes no secret. Undefined when one is wrong or has no value: that has been reported.
   */
  fill(text: string, place: Place, options?: { readonly open?: boolean }): Text | undefined;
  /** A text in which no reference may stand: with `$${` read as `${`; undefined when one stands there, and was reported. */
  refuse(text: string, place: Place): string | undefined;
  /** Notes a secret that is no reference. */
  keep(secret: Secret): void;
  secrets(): readonly Secret[];
}

/** A key is never filled in: reported, since `${…}` would go out as it is written. */
export function refuseReferencesInKeys(tree: Tree, report: Report): void {
  if (tree.type === 'list') for (const item of tree.items) refuseReferencesInKeys(item, report);
  if (tree.type !== 'map') return;
  for (const [key, entry] of tree.entries) {
    if (key.includes('${')) report(entry.keyPlace, `a reference cannot stand in a key; ${allowedPlaces}`);
    refuseReferencesInKeys(entry.tree, report);
  }
}

/** All references that stand somewhere in a tree, each once. */
export function referencesIn(tree: Tree): Reference[] {
  const found = new Map<string, Reference>();
  for (const [{ value }] of scalarsOf(tree)) {
    if (typeof value !== 'string' || !value.includes('${')) continue;
    for (const piece of parseReferences(value).pieces) if (typeof piece !== 'string') found.set(piece.text, piece);
  }
  return [...found.values()];
}

/** `resolutions` are by the text of the reference, and have all that stand in the tree; those without a value go to `reportUnresolved`. */
export function createReferences(
  resolutions: ReadonlyMap<string, Resolution>,
  report: Report,
  reportUnresolved: Report,
): References {
  const secrets = new Map<string, Secret>();
  const keep = (secret: Secret) => secrets.set(secret.reveal(), secret);

  /** The value of one reference; undefined when it has none, and that was reported. */
  const resolved = ({ text }: Reference, place: Place): string | undefined => {
    const resolution = resolutions.get(text) as Resolution;
    if ('value' in resolution) return resolution.value;
    reportUnresolved(place, `"${text}" ${resolution.problem}; expected a value`);
    return undefined;
  };

  return {
    fill(text, place, { open = false } = {}) {
      const { pieces, problem } = parseReferences(text);
      if (problem !== undefined) {
        report(place, problem);
        return undefined;
      }
      const values: string[] = [];
      const filled: string[] = [];
      for (const piece of pieces) {
        const value = typeof piece === 'string' ? piece : resolved(piece, place);
        if (value === undefined) return undefined;
        if (typeof piece !== 'string' && !isOrigin(value)) values.push(value);
        filled.push(value);
      }
      if (values.length === 0) return filled.join('');
      const secret = new Secret(filled.join(''));
      if (!open) for (const each of [...values.map((value) => new Secret(value)), secret]) keep(each);
      return secret;
    },
    refuse(text, place) {
      const { pieces, problem } = parseReferences(text);
      if (problem === undefined && pieces.every((piece) => typeof piece === 'string')) return pieces.join('');
      report(place, `a reference cannot stand here; ${allowedPlaces}`);
      return undefined;
    },
    keep: (secret) => void keep(secret),
    secrets: () => [...secrets.values()],
  };
}

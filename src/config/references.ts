import type { MissingSecret } from '../model/check.ts';
import type { Place } from '../model/place.ts';
import { Secret, type Text } from '../model/secret.ts';
import { parseReferences, type Reference } from '../secrets/reference.ts';
import type { Resolution, Resolutions, SecretUse } from '../secrets/resolution.ts';
import type { Slices } from '../system/slices.ts';
import type { Report } from './problem.ts';
import { type Entry, type MapTree, type Path, partsOf, scalarsOf, type Tree } from './yaml/tree.ts';

/** Where references may stand, for messages. */
const allowedPlaces =
  'expected it in a header, a query value, a body, a URL, or a value under tokens; for the characters themselves write "$${"';

/** Whether a value is only where a host is found: every connection to it shows as much. */
function isOrigin(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === value.replace(/\/$/, '').toLowerCase();
}

export interface FillOptions {
  /** Its values are no secrets. */
  readonly open?: boolean;
  /** Nothing can begin without it: a value that may come by itself is reported as well when it is not there now. */
  readonly cannotWait?: boolean;
}

/** Puts the values of references into the texts of the configuration. */
export interface References {
  /**
   * A text with its references filled in: a `Secret` if it has any, and its values are then among `secrets()` unless
   * `open` is set. A value that is only an origin, `https://api.example.com`, makes no secret. Undefined when one is
   * wrong or has no value: that has been reported, unless the value may come by itself (see `missingIn`).
   */
  fill(text: string, place: Place, options?: FillOptions): Text | undefined;
  /** The first reference in a tree whose value is not there, and may come by itself. */
  missingIn(tree: Tree): MissingSecret | undefined;
  /** A text in which no reference may stand: with `$${` read as `${`; undefined when one stands there, and was reported. */
  refuse(text: string, place: Place): string | undefined;
  /** Notes a secret that is no reference. */
  keep(secret: Secret): void;
  secrets(): readonly Secret[];
}

/** Whether anything in a text stands for something else; `$${` does not. */
export function hasReference(text: string): boolean {
  const { pieces, problem } = parseReferences(text);
  return problem !== undefined || pieces.some((piece) => typeof piece !== 'string');
}

function refuseReferenceInKey(key: string, { keyPlace }: Entry, report: Report): void {
  if (key.includes('${')) report(keyPlace, `a reference cannot stand in a key; ${allowedPlaces}`);
}

function refuseReferencesInKeysOf(tree: Tree, report: Report): void {
  if (tree.type === 'list') for (const item of tree.items) refuseReferencesInKeysOf(item, report);
  if (tree.type !== 'map') return;
  for (const [key, entry] of tree.entries) {
    refuseReferenceInKey(key, entry, report);
    refuseReferencesInKeysOf(entry.tree, report);
  }
}

/** A key is never filled in: reported, since `${…}` would go out as it is written. */
export async function refuseReferencesInKeys(content: MapTree, report: Report, slices: Slices): Promise<void> {
  for (const [section, entry] of content.entries) {
    refuseReferenceInKey(section, entry, report);
    if (entry.tree.type === 'map')
      for (const [name, named] of entry.tree.entries) refuseReferenceInKey(name, named, report);
  }
  for (const [part] of partsOf(content)) {
    refuseReferencesInKeysOf(part, report);
    await slices.step();
  }
}

/** A reference, who uses it, and where it stands first. */
export interface FoundReference extends SecretUse {
  readonly place: Place;
}

/** Notes references by their text, each once, with all who use it. */
function createFinds() {
  const found = new Map<string, { reference: Reference; users: Set<string>; place: Place }>();
  const look = (tree: Tree, path: Path) => {
    const [section, name] = path;
    for (const [{ value, place }] of scalarsOf(tree)) {
      if (typeof value !== 'string' || !value.includes('${')) continue;
      const user = section === 'tokens' || section === 'checks' ? `${section}.${name}` : String(section);
      for (const piece of parseReferences(value).pieces) {
        if (typeof piece === 'string') continue;
        const known = found.get(piece.text);
        if (known) known.users.add(user);
        else found.set(piece.text, { reference: piece, users: new Set([user]), place });
      }
    }
  };
  return { look, all: () => [...found.values()].map(({ users, ...rest }) => ({ ...rest, users: [...users] })) };
}

/** All references that stand somewhere in the sections of a configuration, each once. */
export async function referencesIn(content: MapTree, slices: Slices): Promise<FoundReference[]> {
  const finds = createFinds();
  for (const [part, path] of partsOf(content)) {
    finds.look(part, path);
    await slices.step();
  }
  return finds.all();
}

/** Where it is told that a reference has no value. */
export interface ReferenceReports {
  /** A mistake in the text itself, or a value that nothing can begin without. */
  readonly wrong: Report;
  /** A value that somebody has to set. */
  readonly unresolved: Report;
  /** A value that may come by itself. */
  readonly missing: Report;
}

/** `resolutions` are by the text of the reference, and have all that stand in the tree by the time they are filled in. */
export function createReferences(resolutions: Resolutions, reports: ReferenceReports): References {
  const secrets = new Map<string, Secret>();
  const keep = (secret: Secret) => secrets.set(secret.reveal(), secret);
  const resolutionOf = ({ text }: Reference) => resolutions.get(text) as Resolution;

  /** The value of one reference; undefined when it has none, and that was reported where it had to be. */
  const resolved = (reference: Reference, place: Place, cannotWait: boolean): string | undefined => {
    const resolution = resolutionOf(reference);
    if ('value' in resolution) return resolution.value;
    const { problem, mayCome = false } = resolution;
    const written = `"${reference.text}"`;
    if (!mayCome) reports.unresolved(place, `${written} ${problem}; expected a value`);
    else if (cannotWait)
      reports.unresolved(place, `${written} cannot be had: ${problem}; nothing can begin without it`);
    else reports.missing(place, `${written} cannot be had: ${problem}`);
    return undefined;
  };

  return {
    fill(text, place, { open = false, cannotWait = false } = {}) {
      const { pieces, problem } = parseReferences(text);
      if (problem !== undefined) {
        reports.wrong(place, problem);
        return undefined;
      }
      const values: string[] = [];
      const filled: string[] = [];
      for (const piece of pieces) {
        const value = typeof piece === 'string' ? piece : resolved(piece, place, cannotWait);
        if (value === undefined) return undefined;
        if (typeof piece !== 'string' && !isOrigin(value)) values.push(value);
        filled.push(value);
      }
      if (values.length === 0) return filled.join('');
      const secret = new Secret(filled.join(''));
      if (!open) for (const each of [...values.map((value) => new Secret(value)), secret]) keep(each);
      return secret;
    },
    missingIn(tree) {
      const finds = createFinds();
      finds.look(tree, []);
      for (const { reference } of finds.all()) {
        const resolution = resolutionOf(reference);
        if ('problem' in resolution && resolution.mayCome)
          return { reference: reference.text, problem: resolution.problem };
      }
      return undefined;
    },
    refuse(text, place) {
      const { pieces, problem } = parseReferences(text);
      if (problem === undefined && pieces.every((piece) => typeof piece === 'string')) return pieces.join('');
      reports.wrong(place, `a reference cannot stand here; ${allowedPlaces}`);
      return undefined;
    },
    keep: (secret) => void keep(secret),
    secrets: () => [...secrets.values()],
  };
}

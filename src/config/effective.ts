import { Secret } from '../model/secret.ts';
import { parseReferences } from '../secrets/reference.ts';
import type { Resolution, Resolutions } from '../secrets/resolution.ts';
import { formatPlace } from './problem.ts';
import { createReferences, hasReference, type References } from './references.ts';
import type { MapTree, ScalarTree } from './yaml/tree.ts';

/** What a configuration comes to once its environment is laid over, before it becomes definitions. */
export interface Effective {
  /** As it is written. */
  readonly written: MapTree;
  /** With the paths of keys and certificates as references to their files. */
  readonly content: MapTree;
  readonly resolutions: Resolutions;
  /** The places of secrets in plain text. */
  readonly plainPlaces: ReadonlySet<string>;
}

/** How one value of a configuration may be shown. */
export type Shown =
  | {
      readonly kind: 'plain';
      readonly text: string /** As written, where the text is what a reference brought. */;
      readonly reference?: string;
    }
  | {
      readonly kind: 'secret';
      readonly value: Secret /** The references in it; absent for a secret without one. */;
      readonly reference?: string;
    }
  | {
      readonly kind: 'unresolved';
      readonly reference: string /** Why it has no value, as the end of a sentence. */;
      readonly problem: string;
    };

const silent = () => {};

/** References of an effective configuration, which say nothing: all there is to say was said when it was loaded. */
export function quietReferences({ resolutions }: Effective): References {
  return createReferences(resolutions, { wrong: silent, unresolved: silent, missing: silent });
}

/** Why a text has no value: as the first of its references says that has none. */
function problemIn(text: string, { resolutions }: Effective): string {
  const references = parseReferences(text).pieces.filter((piece) => typeof piece !== 'string');
  const [problem = ''] = references.flatMap((reference) => {
    const resolution = resolutions.get(reference.text) as Resolution;
    return 'problem' in resolution ? [resolution.problem] : [];
  });
  return problem;
}

/** The references of a text alone: what is around them may be a part of the secret. */
function referencesOf(text: string): string {
  return parseReferences(text)
    .pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.text]))
    .join(' ');
}

/** Returns a function that tells how a value of the configuration may be shown. */
export function createShow(effective: Effective): (scalar: ScalarTree) => Shown {
  const references = quietReferences(effective);
  return ({ value, source, place }) => {
    const text = typeof value === 'string' ? value : source;
    const pieces = referencesOf(text);
    if (effective.plainPlaces.has(formatPlace(place)))
      return { kind: 'secret', value: new Secret(text), ...(pieces !== '' && { reference: pieces }) };
    if (typeof value !== 'string') return { kind: 'plain', text: value === null ? '' : source };
    if (!hasReference(value)) return { kind: 'plain', text: value };
    const filled = references.fill(value, place);
    if (filled === undefined) return { kind: 'unresolved', reference: value, problem: problemIn(value, effective) };
    return filled instanceof Secret
      ? { kind: 'secret', value: filled, reference: pieces }
      : { kind: 'plain', text: filled, reference: value };
  };
}

import { z } from 'zod';
import { Secret, type Text } from '../model/secret.ts';
import { type ProbeKind, ProbeSpecError, type Target } from '../probes/probe.ts';
import { allowsReferences } from '../probes/text-schema.ts';
import { checkTree } from './check-tree.ts';
import type { SecretContext } from './plaintext.ts';
import type { Report } from './problem.ts';
import type { References } from './references.ts';
import {
  type Entry,
  isEmpty,
  type MapTree,
  mapScalars,
  type Path,
  placeAt,
  type ScalarTree,
  type Tree,
} from './yaml/tree.ts';

/** The part of a check under the key of its kind. */
export interface KindSpec {
  readonly spec: unknown;
  readonly hasSecret: boolean;
  /** Absent when a reference has no value, so that the target is not known. */
  readonly target?: Target;
}

/** Puts the value that stands right under the key of a kind under the kind's main key. */
export function expandMainKeys(check: Tree, kinds: readonly ProbeKind[]): Tree {
  if (check.type !== 'map') return check;
  const entries = new Map(check.entries);
  for (const { kind, mainKey } of kinds) {
    const entry = entries.get(kind);
    if (!entry || entry.tree.type === 'map' || isEmpty(entry.tree)) continue;
    const { place } = entry.tree;
    const tree: MapTree = { type: 'map', place, entries: new Map([[mainKey, { keyPlace: place, tree: entry.tree }]]) };
    entries.set(kind, { ...entry, tree });
  }
  return { ...check, entries };
}

/** Whether references may stand at a path of what a schema takes. */
function mayRefer(schema: z.ZodType, path: Path): boolean {
  let at: z.ZodType | undefined = schema;
  for (const step of path) {
    if (allowsReferences(at)) return true;
    while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodPrefault)
      at = at.unwrap() as z.ZodType;
    at = at instanceof z.ZodObject ? (at.shape[step] as z.ZodType | undefined) : undefined;
    if (!at) return false;
  }
  return allowsReferences(at);
}

/** The texts of a spec as they are written, each with its references filled in; undefined where one has no value. */
type Filled = ReadonlyMap<string, Text | undefined>;

function fillTexts(tree: Tree, schema: z.ZodType, references: References): Filled {
  const filled = new Map<string, Text | undefined>();
  mapScalars(tree, (scalar, path) => {
    const { value, place } = scalar;
    if (typeof value === 'string' && value.includes('${') && mayRefer(schema, path))
      filled.set(value, references.fill(value, place));
    return scalar;
  });
  return filled;
}

function replaceTexts(data: unknown, filled: Filled): unknown {
  if (typeof data === 'string') return filled.get(data) ?? data;
  if (Array.isArray(data)) return data.map((item) => replaceTexts(item, filled));
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, replaceTexts(value, filled)]));
}

/** A number that is sent as text must be sent as it is written: `1.10` is a version, and 1.1 another one. */
export function checkNumber({ value, source, place }: ScalarTree, report: Report): void {
  if (typeof value === 'number' && String(value) !== source)
    report(place, `${source} is read as the number ${value}; expected that form, or a text in quotes`);
}

/** Reads what stands under the key of a kind; undefined when it is wrong, which has been reported. */
export function readKindSpec(
  kind: ProbeKind,
  { tree: written }: Entry,
  label: string,
  context: SecretContext,
): KindSpec | undefined {
  const { schema } = kind;
  const { report, references } = context;
  const tree = mapScalars(written, (scalar, path) => {
    if (mayRefer(schema, path)) checkNumber(scalar, report);
    else if (typeof scalar.value === 'string')
      return { ...scalar, value: references.refuse(scalar.value, scalar.place) ?? scalar.value };
    return scalar;
  });
  const plain = checkTree({ schema, tree, label, report, hidden: (path) => mayRefer(schema, path) });
  const filled = fillTexts(tree, schema, references);
  if (plain === undefined) return undefined;
  const spec = replaceTexts(plain, filled);
  const texts = [...filled.values()];
  const hasSecret = texts.some((text) => text instanceof Secret);
  if (texts.includes(undefined)) return { spec, hasSecret };
  try {
    const target = kind.target(spec);
    const { credentials = [] } = target;
    for (const credential of credentials) references.keep(credential);
    return { spec, hasSecret: hasSecret || credentials.length > 0, target };
  } catch (error) {
    if (!(error instanceof ProbeSpecError)) throw error;
    report(placeAt(tree, error.path), `${[label, ...error.path].join('.')}: ${error.message}`);
    return undefined;
  }
}

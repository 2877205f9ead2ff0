import { nearest, suggest } from '../model/nearest.ts';
import { namedEntries } from './named-entries.ts';
import type { Report } from './problem.ts';
import { overlay } from './yaml/merge.ts';
import { describeTree, isEmpty, type MapTree, pick } from './yaml/tree.ts';

/** What a configuration has at its top, and an environment may change. */
export const sections = [
  'server',
  'state_dir',
  'state_encryption',
  'shutdown_grace',
  'keep_runs',
  'defaults',
  'budgets',
  'clock',
  'metrics',
  'vault',
  'allow_plaintext_secrets',
  'tokens',
  'checks',
] as const;

/** Reports keys of a configuration, or of an environment, that are no sections. */
export function checkSections(content: MapTree, label: string, known: readonly string[], report: Report): void {
  for (const [key, { keyPlace }] of content.entries)
    if (!known.includes(key)) report(keyPlace, `"${key}" is not a key of ${label}; ${suggest(key, known)}`);
}

/** What `sonde validate --env` takes for each of them. */
export const allEnvironments = 'all';

/** By name. */
export type Environments = ReadonlyMap<string, MapTree>;

/** The environments of a configuration; what is wrong with one has been reported. */
export function readEnvironments(content: MapTree, report: Report): Environments {
  const environments = new Map<string, MapTree>();
  for (const [name, { keyPlace, tree }] of namedEntries(content, 'environments', report)) {
    const label = `environments.${name}`;
    if (name === allEnvironments)
      report(
        keyPlace,
        `"${name}" cannot be the name of an environment; expected another: --env all means each of them`,
      );
    if (tree.type === 'map') checkSections(tree, label, sections, report);
    else if (!isEmpty(tree))
      report(tree.place, `${label} is ${describeTree(tree)}; expected a mapping of what differs`);
    environments.set(name, tree.type === 'map' ? tree : { type: 'map', place: keyPlace, entries: new Map() });
  }
  return environments;
}

/**
 * The configuration with one of its environments laid over, if one is asked for. An unknown one is reported, unless the
 * configuration is `incomplete`: it may be in a file that could not be read.
 */
export function applyEnvironment(
  content: MapTree,
  environments: Environments,
  name: string | undefined,
  incomplete: boolean,
  report: Report,
): MapTree {
  const base = pick(content, (key) => key !== 'environments');
  if (name === undefined) return base;
  const chosen = environments.get(name);
  if (chosen) return overlay(base, chosen);
  if (incomplete) return base;
  const place = content.entries.get('environments')?.keyPlace ?? content.place;
  const names = [...environments.keys()];
  const meant = nearest(name, names);
  const end = meant === undefined ? suggest(name, names) : `did you mean "${meant}"? known: ${names.join(', ')}`;
  report(place, `there is no environment "${name}"; ${end}`);
  return base;
}

import { suggest } from '../model/nearest.ts';
import { nameExpectation, namePattern } from './fields.ts';
import { overlay } from './merge.ts';
import type { Report } from './problem.ts';
import { describeTree, type MapTree, pick } from './tree.ts';

/** What a configuration has at its top, and an environment may change. */
export const sections = [
  'server',
  'state_dir',
  'shutdown_grace',
  'defaults',
  'budgets',
  'clock',
  'tokens',
  'checks',
] as const;

/** Reports keys of a configuration, or of an environment, that are no sections. */
export function checkSections(content: MapTree, label: string, known: readonly string[], report: Report): void {
  for (const [key, { keyPlace }] of content.entries)
    if (!known.includes(key)) report(keyPlace, `"${key}" is not a key of ${label}; ${suggest(key, known)}`);
}

/** The environments of a configuration that are mappings; what is wrong with the others has been reported. */
function readEnvironments(content: MapTree, report: Report): Map<string, MapTree> {
  const environments = new Map<string, MapTree>();
  const tree = content.entries.get('environments')?.tree;
  if (tree && tree.type !== 'map')
    report(tree.place, `environments is ${describeTree(tree)}; expected a mapping of names`);
  for (const [name, { keyPlace, tree: environment }] of tree?.type === 'map' ? tree.entries : []) {
    const label = `environments.${name}`;
    if (!namePattern.test(name)) report(keyPlace, `"${name}" cannot name an environment; ${nameExpectation}`);
    else if (environment.type === 'map') {
      checkSections(environment, label, sections, report);
      environments.set(name, environment);
    } else report(environment.place, `${label} is ${describeTree(environment)}; expected a mapping of what differs`);
  }
  return environments;
}

/**
 * The configuration with one of its environments laid over, if one is asked for. An unknown one is reported, unless the
 * configuration is `incomplete`: it may be in a file that could not be read.
 */
export function applyEnvironment(
  content: MapTree,
  name: string | undefined,
  incomplete: boolean,
  report: Report,
): MapTree {
  const environments = readEnvironments(content, report);
  const base = pick(content, (key) => key !== 'environments');
  if (name === undefined) return base;
  const chosen = environments.get(name);
  if (chosen) return overlay(base, chosen);
  if (incomplete) return base;
  const place = content.entries.get('environments')?.keyPlace ?? content.place;
  report(place, `there is no environment "${name}"; ${suggest(name, environments.keys())}`);
  return base;
}

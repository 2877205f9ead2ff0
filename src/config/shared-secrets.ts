import type { Place } from '../model/place.ts';
import { revealText } from '../model/secret.ts';
import { joinPath } from './check-tree.ts';
import { type Effective, quietReferences } from './effective.ts';
import { formatPlace, type Problem, sortProblems } from './problem.ts';
import { isTokenSecret } from './tokens.ts';
import { scalarsOf } from './tree.ts';

/** A configuration with one environment laid over, or with none. */
export interface InEnvironment {
  /** Undefined for the configuration without an environment. */
  readonly environment: string | undefined;
  readonly effective: Effective;
}

/** A value that should be one environment's alone. */
interface Use {
  readonly value: string;
  readonly label: string;
  readonly place: Place;
  readonly where: string;
}

/** The client ids and secrets of tokens that have a value here. */
function usesIn({ environment, effective }: InEnvironment): Use[] {
  const references = quietReferences(effective);
  const where = environment === undefined ? 'without an environment' : `in ${environment}`;
  return [...scalarsOf(effective.content)].flatMap(([{ value, place }, path]) => {
    const [section, , ...inToken] = path;
    const isClientId = joinPath(inToken) === 'client_id';
    if (section !== 'tokens' || typeof value !== 'string' || !(isClientId || isTokenSecret(inToken))) return [];
    const text = references.fill(value, place);
    // A client id may well be what a secret is elsewhere, and means nothing then.
    return text === undefined
      ? []
      : [{ value: `${isClientId} ${revealText(text)}`, label: joinPath(path), place, where }];
  });
}

/** Where a value stands, and all environments that get it from there. */
function placesOf(uses: readonly Use[]): Use[] {
  const groups = Map.groupBy(uses, ({ label, place }) => `${label} ${formatPlace(place)}`);
  return [...groups.values()].map((group) => ({
    ...(group[0] as Use),
    where: [...new Set(group.map(({ where }) => where))].join(' and '),
  }));
}

function tell(uses: readonly Use[]): Problem {
  const [first, ...others] = placesOf(uses) as [Use, ...Use[]];
  const { label, place, where } = first;
  if (others.length === 0) return { ...place, message: `${label} is the same ${where}; expected one for each` };
  const elsewhere = others.map((other) => {
    const name = other.label === label ? '' : `${other.label} `;
    return `${name}${other.where} (${formatPlace(other.place)})`;
  });
  return { ...place, message: `${label} ${where} is the same as ${elsewhere.join(' and ')}; expected one for each` };
}

/**
 * Warnings of client ids and secrets of tokens that two environments share, each once, with all its places and never with
 * its value: what is meant for one environment must not open the other.
 */
export function findShared(configurations: readonly InEnvironment[]): readonly Problem[] {
  const uses = configurations.flatMap(usesIn);
  const shared = [...Map.groupBy(uses, ({ value }) => value).values()].filter(
    (group) => new Set(group.map(({ where }) => where)).size > 1,
  );
  return sortProblems(shared.map(tell));
}

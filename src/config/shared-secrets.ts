import type { Place } from '../model/place.ts';
import { revealText } from '../model/secret.ts';
import { joinPath, showPath } from './check-tree.ts';
import { credentialsIn } from './credentials.ts';
import { type Effective, quietReferences } from './effective.ts';
import { formatPlace, type Problem, sortProblems } from './problem.ts';
import { hasReference } from './references.ts';
import { type Path, scalarsOf } from './yaml/tree.ts';

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

/** All that a header sends by a reference is a secret, whatever the header is called. */
const isHeader = ([section, , , part]: Path) => section === 'checks' && part === 'headers';

/** A scheme is no part of the secret: it may stand in one place and not in the other. */
const withoutScheme = (text: string) => text.replace(/^(?:Basic|Bearer|DPoP|Token|ApiKey)\s+/i, '');

/** The client ids of tokens and all credentials that have a value here. */
function usesIn({ environment, effective }: InEnvironment): Use[] {
  const references = quietReferences(effective);
  const where = environment === undefined ? 'without an environment' : `in ${environment}`;
  const credentials = new Set([...credentialsIn(effective.content)].flat().map(({ path }) => joinPath(path)));
  return [...scalarsOf(effective.content)].flatMap(([{ value, place }, path]) => {
    const label = joinPath(path);
    const isClientId = path[0] === 'tokens' && path.length === 3 && path[2] === 'client_id';
    if (typeof value !== 'string') return [];
    const isSecret = credentials.has(label) || (isHeader(path) && hasReference(value));
    if (!isClientId && !isSecret) return [];
    const text = references.fill(value, place);
    if (text === undefined) return [];
    // A client id may well be what a secret is elsewhere, and means nothing then.
    const known = isClientId ? `client_id ${revealText(text)}` : withoutScheme(revealText(text));
    return [{ value: known, label: showPath(path), place, where }];
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
 * Warnings of client ids and secrets that two environments share, each once, with all its places and never with
 * its value: what is meant for one environment must not open the other.
 */
export function findShared(configurations: readonly InEnvironment[]): readonly Problem[] {
  const uses = configurations.flatMap(usesIn);
  const shared = [...Map.groupBy(uses, ({ value }) => value).values()].filter(
    (group) => new Set(group.map(({ where }) => where)).size > 1,
  );
  return sortProblems(shared.map(tell));
}

import { createHmac } from 'node:crypto';
import type { Reference } from '../secrets/reference.ts';
import { type Resolution, resolveReference } from '../secrets/resolve-reference.ts';
import type { System } from '../system/system.ts';
import { readSources, type Sources } from './sources.ts';

/** What a configuration was made of. */
export interface Origin {
  readonly sources: Sources;
  readonly references: readonly Reference[];
  /** By the text of the reference. */
  readonly resolutions: ReadonlyMap<string, Resolution>;
}

export async function resolveAll(
  system: System,
  references: readonly Reference[],
): Promise<ReadonlyMap<string, Resolution>> {
  const resolutions = new Map<string, Resolution>();
  for (const reference of references) resolutions.set(reference.text, await resolveReference(system, reference));
  return resolutions;
}

/** Tells by a keyed hash whether files or the values of their references have changed: neither text nor secret is kept. */
function hashOrigin(key: Buffer, { sources, resolutions }: Omit<Origin, 'references'>): string {
  const content = JSON.stringify([sources.files, sources.problems, [...resolutions]]);
  return createHmac('sha256', key).update(content).digest('hex');
}

/** Returns a function that reads everything again and says whether anything is not as it was. */
export function watchOrigin(system: System, paths: readonly string[], origin: Origin): () => Promise<boolean> {
  const key = system.random.bytes(32);
  const { references } = origin;
  const before = hashOrigin(key, origin);
  return async () => {
    const sources = await readSources(system, paths);
    const resolutions = await resolveAll(system, references);
    return hashOrigin(key, { sources, resolutions }) !== before;
  };
}

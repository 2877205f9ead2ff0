import { createHmac } from 'node:crypto';
import type { Reference } from '../secrets/reference.ts';
import type { Resolution, Resolutions } from '../secrets/resolution.ts';
import { createSlices } from '../system/slices.ts';
import type { System } from '../system/system.ts';
import { readSources, type Sources } from './sources.ts';

/** What a configuration was made of. */
export interface Origin {
  readonly sources: Sources;
  readonly resolutions: Resolutions;
}

/** Why a value that may come by itself is not there yet changes nothing: only that it comes does. */
function known(resolution: Resolution): string | null {
  if ('value' in resolution) return resolution.value;
  return resolution.mayCome ? null : resolution.problem;
}

/** Tells by a keyed hash whether files or the values of their references have changed: neither text nor secret is kept. */
async function hashOrigin(key: Buffer, { sources, resolutions }: Origin, { clock }: System): Promise<string> {
  // A load asks for those of the section `vault:` first, and a look takes them as they stand.
  const inOrder = [...resolutions].sort(([a], [b]) => (a < b ? -1 : 1));
  const values = inOrder.map(([text, resolution]) => [text, 'value' in resolution, known(resolution)]);
  const hash = createHmac('sha256', key);
  const slices = createSlices(clock);
  for (const { path, text } of sources.files) {
    hash.update(JSON.stringify([path, text.length])).update(text);
    await slices.step();
  }
  return hash.update(JSON.stringify([sources.problems, values])).digest('hex');
}

/**
 * Resolves with a function that reads the files again, has a look at the secrets, and says whether anything is not as it was.
 * `look` tells how the values of references stand now.
 */
export async function watchOrigin(
  system: System,
  paths: readonly string[],
  origin: Origin,
  references: readonly Reference[],
  look: (references: readonly Reference[]) => Promise<Resolutions>,
): Promise<() => Promise<boolean>> {
  const key = system.random.bytes(32);
  const before = await hashOrigin(key, origin, system);
  return async () => {
    const sources = await readSources(system, paths);
    return (await hashOrigin(key, { sources, resolutions: await look(references) }, system)) !== before;
  };
}

import type { System } from '../system/system.ts';
import type { Reference } from './reference.ts';
import type { Resolution, SecretSources } from './resolution.ts';
import { resolveReference } from './resolve-reference.ts';

/** Variables and files alone: for commands that ask nobody on the network. What Vault holds may come later. */
export function createLocalSources(system: System): SecretSources {
  const read = async (references: readonly Reference[]) => {
    const resolutions = new Map<string, Resolution>();
    for (const reference of references) resolutions.set(reference.text, await readLocally(system, reference));
    return resolutions;
  };
  return { resolve: (uses) => read(uses.map(({ reference }) => reference)), look: read };
}

function readLocally(system: System, reference: Reference): Promise<Resolution> | Resolution {
  if (reference.scheme === 'vault') return { problem: 'Vault is asked by run and once, not here', mayCome: true };
  return resolveReference(system, reference);
}

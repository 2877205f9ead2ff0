import { createDoors, type Doors } from '../doors.ts';
import { vaultBudgetName } from '../model/vault.ts';
import type { SecretSources } from '../secrets/resolution.ts';
import { createSecretSources } from '../secrets/secret-sources.ts';
import type { System } from '../system/system.ts';
import { version } from '../version.ts';

/** What a command needs that loads a configuration and acts on it once. */
export interface Means {
  readonly doors: Doors;
  readonly secrets: SecretSources;
}

/**
 * What is opened here is closed with `open`. Nothing is told of secrets: whoever runs a command is there, and learns from
 * its result what could not be had.
 */
export function openMeans(system: System, open: AsyncDisposableStack): Means {
  const doors = createDoors(system);
  open.defer(doors.close);
  const budget = doors.limiter.budget(vaultBudgetName);
  const quiet = () => {};
  const secrets = createSecretSources({ ...doors, system, version, budget, audit: quiet, report: quiet, warn: quiet });
  open.defer(secrets.close);
  return { doors, secrets };
}

import type { LoadedConfiguration, RefusedConfiguration } from './config/load.ts';
import { formatProblem } from './config/problem.ts';
import type { SecretSources } from './secrets/resolution.ts';
import type { LiveSecretSources } from './secrets/secret-sources.ts';

/**
 * Loads the configuration. Where it is refused for nothing but secrets that have changed, such as a header's value that
 * came with a line break, it is loaded with what runs for these, so that one of them holds up no other.
 */
export async function loadWhatCanBeUsed<Loaded extends LoadedConfiguration>(
  load: (secrets: SecretSources) => Promise<Loaded | RefusedConfiguration>,
  secrets: LiveSecretSources,
): Promise<Loaded | RefusedConfiguration> {
  const whole = await load(secrets);
  const changed = whole.ok ? [] : secrets.changed();
  if (changed.length === 0) return whole;
  const withheld = new Set(changed.flat());
  let usable = await load(secrets.withholding(withheld));
  if (!usable.ok) return whole;
  for (const references of changed) {
    const fewer = new Set([...withheld].filter((reference) => !references.includes(reference)));
    const loaded = await load(secrets.withholding(fewer));
    if (loaded.ok) {
      usable = loaded;
      for (const reference of references) withheld.delete(reference);
    } else secrets.reject(references, loaded.problems.map(formatProblem).join('; '));
  }
  return usable;
}

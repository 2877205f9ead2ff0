import { takesLogin } from '../../auth/login/login-identity.ts';
import { type LoadedConfiguration, loadConfiguration } from '../../config/load.ts';
import { formatProblem } from '../../config/problem.ts';
import type { TokenDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import { suggest } from '../../model/nearest.ts';
import type { SecretSources } from '../../secrets/resolution.ts';
import type { System } from '../../system/system.ts';
import { exitCode } from '../exit-code.ts';
import { Refused } from '../refused.ts';

/** How a command says which token it is about. */
export interface TokenChoice {
  /** The token's name. */
  readonly token: string;
  readonly env?: string;
  /** Instead of `state_dir`. */
  readonly stateDir?: string;
}

export interface ChosenToken {
  readonly loaded: LoadedConfiguration;
  readonly definition: TokenDefinition;
  readonly stateDir: string;
}

/** The token of a configuration that a person logs in to, or out of. Throws `Refused`. */
export async function chooseToken(
  system: System,
  secrets: SecretSources,
  paths: readonly string[],
  { token: name, env, stateDir }: TokenChoice,
): Promise<ChosenToken> {
  const refused = (sentence: string) => new Refused(sentence, exitCode.wrongInput);
  const loaded = await loadConfiguration(
    system,
    paths,
    compact({ environment: env, unresolved: 'error' as const, secrets }),
  );
  if (!loaded.ok) throw refused(loaded.problems.map(formatProblem).join('\n'));
  const { configuration } = loaded;
  const definition = configuration.tokens.find((token) => token.name === name);
  if (!definition) {
    const known = configuration.tokens.map((token) => token.name);
    throw refused(`There is no token "${name}"; ${suggest(name, known)}`);
  }
  if (!takesLogin(definition))
    throw refused(
      `The token ${name} needs no person: its grant is ${definition.grant}, and sonde fetches it by itself.`,
    );
  const { missingSecret } = definition;
  if (missingSecret)
    throw new Refused(
      `The token ${name} needs ${missingSecret.reference}, which cannot be had: ${missingSecret.problem}.`,
      exitCode.ownFailure,
    );
  return { loaded, definition, stateDir: stateDir ?? configuration.stateDir };
}

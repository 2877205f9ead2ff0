import type { VaultDefinition } from '../model/vault.ts';
import type { Reference } from './reference.ts';

/** The value of a reference, or why it has none, as the end of a sentence about the reference. */
export type Resolution =
  | { readonly value: string }
  | {
      readonly problem: string;
      /** Its source does not give it now, and may by itself: nothing that the configuration has to mend first. */
      readonly mayCome?: boolean;
    };

/** A reference and who uses it: `tokens.claude`, `checks.models`, `vault`. */
export interface SecretUse {
  readonly reference: Reference;
  readonly users: readonly string[];
}

/** Values by the text of their reference. */
export type Resolutions = ReadonlyMap<string, Resolution>;

/** Where the values of references come from. */
export interface SecretSources {
  /** Reads all of them, at a load of the configuration. `vault` is where those of Vault are; undefined when it names none. */
  resolve(uses: readonly SecretUse[], vault: VaultDefinition | undefined): Promise<Resolutions>;
  /** How they stand now: reads variables and files again, and asks nobody on the network. */
  look(references: readonly Reference[]): Promise<Resolutions>;
}

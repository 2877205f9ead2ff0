import type { VaultDefinition } from '../model/vault.ts';
import type { Reference } from './reference.ts';

/** The value of a reference, or why it has none. */
export type Resolution =
  | { readonly value: string }
  /** Somebody has to set it first. The problem is the end of a sentence about the reference: `is not set`. */
  | { readonly problem: string; readonly mayCome?: false }
  /** Its source does not give it now, and may come to by itself. The problem is a clause: `Vault is sealed`. */
  | { readonly problem: string; readonly mayCome: true };

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

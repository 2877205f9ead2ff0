import type { BudgetDefinition, CheckDefinition, TokenDefinition } from '../model/check.ts';
import type { ClockDefinition } from '../model/clock.ts';
import type { StateEncryption } from '../model/state-encryption.ts';
import type { VaultDefinition } from '../model/vault.ts';

export interface ServerDefinition {
  readonly host: string;
  readonly port: number;
  /** Whether `POST /-/reload` is answered. */
  readonly allowReload: boolean;
}

/** What the files say, merged, with the chosen environment laid over, validated, and all references resolved. */
export interface Configuration {
  readonly server: ServerDefinition;
  readonly stateDir: string;
  /** Absent where the token store is kept in plain text. */
  readonly stateEncryption?: StateEncryption;
  readonly shutdownGraceMs: number;
  /** How many passed runs of each check are kept for the pages and the API, and how many that did not pass. */
  readonly keepRuns: number;
  /** The value of the label `environment` of all metrics; absent where they have none. */
  readonly environmentLabel?: string;
  /** From which share of a latency on, 0 to 1, a doubt about it marks it. */
  readonly uncertaintyShare: number;
  /** Upper bounds of the buckets of `sonde_latency_seconds`, ascending; absent where they are the usual ones. */
  readonly latencyBucketsSeconds?: readonly number[];
  readonly clock: ClockDefinition;
  /** Where `${vault:…}` references are read; absent where there is none. */
  readonly vault?: VaultDefinition;
  /** Always has `default`, `ntp` where time servers are configured, and `vault` where a Vault is. */
  readonly budgets: readonly BudgetDefinition[];
  readonly tokens: readonly TokenDefinition[];
  /** All have the same set of labels. */
  readonly checks: readonly CheckDefinition[];
}

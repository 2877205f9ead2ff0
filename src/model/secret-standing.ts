import type { Cause } from './cause.ts';

/**
 * How the value of a reference stands. `current`: its source has it. `stale`: its source does not give it now, or
 * not one that can be used, and the last good value goes on being used. `missing`: it was never had.
 */
export type SecretState = 'current' | 'stale' | 'missing';

/** Why a source does not give a secret: a closed list, for metrics and alerts. */
export type SecretTroubleReason =
  /** A file that is not there, not readable, empty or no text. */
  | 'file'
  /** Vault does not answer. */
  | 'unreachable'
  | 'tls'
  | 'sealed'
  | 'standby'
  /** Vault, or a proxy before it, answers with an error of its own. */
  | 'failing'
  | 'rate_limited'
  | 'login_refused'
  | 'denied'
  | 'path_absent'
  | 'key_absent'
  /** Vault answers with something else than its API promises. */
  | 'bad_answer'
  /** Its source gives a value that no configuration can be made with, such as a header with a line break. */
  | 'unusable'
  /** Its source has a new value, and the configuration on disk does not load. */
  | 'not_loaded';

/** One reference of the running configuration and how its value stands. Holds no value. */
export interface SecretStanding {
  /** As written: `${vault:secret/claude#key}`. */
  readonly reference: string;
  /** Who uses it: `tokens.claude`, `checks.models`. */
  readonly users: readonly string[];
  readonly state: SecretState;
  /** When it was last read, in wall-clock milliseconds since 1970; absent when it never was. */
  readonly readAtMs?: number;
  /** When its lease ends, in wall-clock milliseconds; absent without a lease. */
  readonly leaseEndsAtMs?: number;
  /** Present exactly when it is not current. */
  readonly cause?: Cause<'secret_unavailable'>;
  /** How often it could not be read since it was first named, by reason. */
  readonly failures: Readonly<Partial<Record<SecretTroubleReason, number>>>;
}

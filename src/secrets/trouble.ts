import type { Evidence } from '../model/cause.ts';
import type { SecretTroubleReason } from '../model/secret-standing.ts';

/** Why a source does not give a secret. Holds no secret. */
export interface SecretTrouble {
  readonly reason: SecretTroubleReason;
  /** A clause on what happened: `Vault is sealed`. */
  readonly problem: string;
  /** What to do: `unseal it`. */
  readonly action: string;
  readonly evidence: Evidence;
  /** How long the source asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number;
}

export function isTrouble(found: object): found is SecretTrouble {
  return 'reason' in found && 'action' in found;
}

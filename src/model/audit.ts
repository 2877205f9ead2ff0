/** What an audit line tells of. */
export type AuditEvent =
  /** The value of a reference was handed to the configuration. */
  | 'secret_read'
  /** Vault was asked for a secret, for the renewal of a lease, or for a token of its own. */
  | 'vault_read'
  | 'vault_lease_renewed'
  | 'vault_login'
  | 'vault_token_renewed'
  | 'vault_token_revoked'
  /** A person gave consent for a token, or ended it. */
  | 'login'
  | 'logout'
  | 'reload';

/** What an audit line holds: never a value. */
export interface AuditFields {
  /** On whose behalf: `tokens.claude`, `checks.models`, `vault`, or a user of the host. */
  readonly who: readonly string[];
  /** As written, such as `${env:KEY}`. */
  readonly references?: readonly string[];
  readonly outcome: 'done' | 'failed';
  /** A clause on what failed, or how it was done. */
  readonly detail?: string;
  readonly token?: string;
}

/** Notes one event for those who ask later who touched what. */
export type Audit = (event: AuditEvent, fields: AuditFields) => void;

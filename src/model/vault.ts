import type { Secret } from './secret.ts';

/** The budget from which requests to Vault take their permits; there where a Vault is configured. */
export const vaultBudgetName = 'vault';

/** How sonde logs in to Vault. `mount` is that of the auth method, without slashes around it. */
export type VaultAuth =
  | { readonly method: 'token'; readonly token: Secret }
  | {
      readonly method: 'approle';
      readonly mount: string;
      readonly roleId: Secret;
      /** Absent for a role that binds no secret id. */
      readonly secretId?: Secret;
    }
  | {
      readonly method: 'kubernetes';
      readonly mount: string;
      readonly role: string;
      /** The service account's token, read again at each log-in. */
      readonly jwtFile: string;
    }
  | { readonly method: 'jwt'; readonly mount: string; readonly role: string; readonly jwt: Secret };

/** A Vault or OpenBao server as the configuration says it, validated; its own references are resolved. */
export interface VaultDefinition {
  /** Such as `https://vault.example.com:8200`, with a path where it stands behind a prefix. */
  readonly address: string;
  readonly namespace?: string;
  /** PEM text: authorities that are trusted instead of those that Node.js trusts. */
  readonly ca?: string;
  readonly auth: VaultAuth;
  /** For each request. */
  readonly timeoutMs: number;
  /** How often secrets without a lease are read again. */
  readonly everyMs: number;
}

import type { Place } from './place.ts';
import type { Secret } from './secret.ts';

/** When a check or a refresh is due. */
export type ScheduleDefinition =
  | { readonly everyMs: number }
  | { readonly cron: string /** IANA name, for example `Europe/Berlin`. */; readonly timezone: string };

/** A named token bucket. */
export interface BudgetDefinition {
  readonly name: string;
  readonly ratePerSecond: number;
  readonly burst: number;
  /** Permits of the burst that only token runs may take. */
  readonly reserveForTokens: number;
}

/** A check as the configuration says it, validated. */
export interface CheckDefinition {
  readonly name: string;
  readonly kind: string;
  readonly schedule: ScheduleDefinition;
  readonly timeoutMs: number;
  readonly budget: string;
  readonly token?: string;
  /** How many failures in a row change the check's state. */
  readonly confirm: number;
  /** Whether requests carry `traceparent`. */
  readonly trace: boolean;
  readonly allowHttp: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** The part under the kind's key; only the kind itself knows its shape. */
  readonly spec: unknown;
  /** The entries of `assert:`; only the assertions room knows their shapes. */
  readonly assertions: readonly unknown[];
  readonly place: Place;
  /** Where a part of `spec` stands. */
  placeOf(path: readonly string[]): Place;
}

/** A token source as the configuration says it, validated; its references are resolved. */
export interface TokenDefinition {
  readonly name: string;
  readonly grant: 'client_credentials' | 'refresh_token' | 'static';
  readonly issuer?: string;
  readonly tokenEndpoint?: string;
  readonly clientId?: string;
  readonly clientSecret?: Secret;
  readonly clientAuth: 'client_secret_basic' | 'client_secret_post' | 'none';
  /** The first refresh token of a family (grant refresh_token). */
  readonly refreshToken?: Secret;
  /** The credential itself (grant static). */
  readonly value?: Secret;
  readonly scopes: readonly string[];
  readonly refresh: RefreshDefinition;
  /** Header that carries the credential, in lower case; without it `Authorization: Bearer`. */
  readonly header?: string;
  /** Origins that the token may be sent to; empty means no bound. */
  readonly sendTo: readonly string[];
  readonly budget: string;
  readonly timeoutMs: number;
  readonly allowHttp: boolean;
  /** Where the live access token is written after each refresh, for the service that sonde sits beside. */
  readonly exportFile?: string;
  readonly place: Place;
}

/** When a token is refreshed: at a share of its life before expiry, or by a schedule of its own. */
export type RefreshDefinition = { /** 0 to 1. */ readonly beforeExpiry: number } | ScheduleDefinition;

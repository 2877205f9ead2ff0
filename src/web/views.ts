import type { Outcome } from '../model/cause.ts';
import type { ClockVerdict } from '../model/clock.ts';
import type { CheckIdentity, CheckState } from '../model/result.ts';
import type { Secret } from '../model/secret.ts';
import type { SecretStanding } from '../model/secret-standing.ts';
import type { TokenType } from '../model/token.ts';
import type { Exposition } from '../sinks/exposition.ts';
import type { History } from '../sinks/history.ts';

/** A check and what its runs add up to. */
export interface CheckView {
  readonly check: CheckIdentity;
  readonly state: CheckState;
}

/** How the last reload of the configuration ended. */
export interface ReloadStatus {
  readonly successful: boolean;
  /** Wall-clock milliseconds since 1970. */
  readonly atMs: number;
  /** What is wrong with the new configuration, one sentence each; empty when it was taken over. */
  readonly problems: readonly string[];
}

/** A token's live credential, lent to a command of the same user. */
export interface LentToken {
  readonly value: Secret;
  /** Present when requests with it need a proof (RFC 9449); the key where the configuration names none. */
  readonly dpop?: { readonly key?: Secret };
  readonly expiresInMs?: number;
  readonly scopes?: readonly string[];
  /** Counts the tokens of this source from 1. */
  readonly generation: number;
}

/** What a command gets that asks for a token: the token if there is one, and how its last run ended. */
export interface TokenLoan {
  /** Origins that it may be sent to; empty means no bound. */
  readonly sendTo: readonly string[];
  readonly token?: LentToken;
  readonly lastRun?: Outcome;
}

/** What a command hands over that has logged a person in. */
export interface HandedLogin {
  readonly accessToken: Secret;
  readonly tokenType?: TokenType;
  readonly expiresInMs?: number;
  readonly scopes?: readonly string[];
  readonly refreshToken?: Secret;
  readonly dpopKey?: Secret;
  /** How long ago the token request was sent. */
  readonly ageMs: number;
  /** Who ran the command, as it says itself. */
  readonly by: string;
}

/** How the logout of a token went; `problem` is a sentence when the revocation failed. */
export interface LogoutView {
  readonly revocation: 'revoked' | 'nothing' | 'unsupported' | 'failed';
  readonly problem?: string;
}

/** The login of one token, for commands on the control socket. Each act throws `TokenStoreError`. */
export interface LoginDesk {
  /** What the token is in the configuration that runs: a command whose own says otherwise gets no act. */
  readonly identity: string;
  /** Throws when the result of a login could not be stored: nobody must consent for nothing. */
  prepare(): Promise<void>;
  /** Whether an authorization code was sent before. One that is about to be sent is noted. */
  codeUsed(code: Secret, aboutToBeSent: boolean): Promise<boolean>;
  adopt(login: HandedLogin): Promise<void>;
  logout(by: string): Promise<LogoutView>;
}

/** What the web shows and does: its only view of the daemon. */
export interface Views {
  /** sonde's own. */
  readonly version: string;
  readonly history: Pick<History, 'last' | 'lastAsked' | 'lastOfToken' | 'run' | 'tokenRun'>;
  checks(): readonly CheckView[];
  /** Names of the configured tokens. */
  tokens(): readonly string[];
  reloadStatus(): ReloadStatus;
  /** Whether `POST /-/reload` is answered beyond the control socket. */
  reloadAllowed(): boolean;
  /** Loads the configuration anew; one that is wrong leaves the old one running. `by` says who wanted it. */
  reload(by: string): Promise<ReloadStatus>;
  /** Whether the configuration is loaded and the schedule runs. */
  ready(): boolean;
  /** Milliseconds since the probing loop last turned. */
  heartbeatAgeMs(): number;
  metrics(openMetrics: boolean): Promise<Exposition>;
  /**
   * Lends a token over the control socket. `unknown`: none has that name; `another`: it is not what the command takes it
   * for.
   */
  lendToken(name: string, identity: string): Promise<TokenLoan | 'unknown' | 'another'>;
  /** `unknown`: no token has that name; `no login`: it needs no person. */
  loginDesk(name: string): LoginDesk | 'unknown' | 'no login';
  /** How this host's clock stands now. */
  clockVerdict(): ClockVerdict;
  /** How the secrets stand that files and Vault hold. */
  secrets(): readonly SecretStanding[];
  /** Milliseconds since 1970. */
  wallMs(): number;
  /** Told of a bug that broke an answer. */
  onError(error: unknown): void;
}

import type { Cause, Outcome } from './cause.ts';
import type { Facts, Phases } from './observation.ts';
import type { Verdict } from './verdict.ts';

/** What the sinks need to know of a check. */
export interface CheckIdentity {
  readonly name: string;
  readonly kind: string;
  /** The target without user info and query. */
  readonly target: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The time between two due runs, in milliseconds; for cron the shortest one ahead. */
  readonly intervalMs: number;
}

/** What a check's last runs add up to, after `confirm:` failures in a row. */
export interface CheckState {
  readonly status: 'unknown' | 'passing' | 'failing';
  /** Why it fails; present exactly when `status` is `failing`. */
  readonly cause?: Cause;
  /** Wall-clock milliseconds since 1970 of the change to this status. */
  readonly sinceMs: number;
  readonly consecutiveFailures: number;
}

/** One finished run of a check, as the sinks get it. Masked: it holds no secret. */
export interface Result {
  readonly check: CheckIdentity;
  /** 32 hexadecimal digits; also the trace id that the target saw. */
  readonly runId: string;
  /** Wall-clock milliseconds since 1970. */
  readonly startedAtMs: number;
  /** How late the run started, in milliseconds, from the first due time that was missed if the process was held up. */
  readonly latenessMs: number;
  readonly phases: Phases;
  /** Sum of all phases but `queue`, in milliseconds. */
  readonly durationMs: number;
  /** Milliseconds by which `durationMs` may be wrong, since this process was busy when the target acted. */
  readonly uncertaintyMs: number;
  /** Whether that is so much of the latency that it says little of the target. */
  readonly isUncertain: boolean;
  readonly facts: Facts;
  readonly verdicts: readonly Verdict[];
  readonly outcome: Outcome;
  /** The check's state with this run counted in. */
  readonly state: CheckState;
}

/** One finished run of a token source: a fetch or refresh of its access token. */
export interface TokenResult {
  readonly token: string;
  readonly runId: string;
  /** Wall-clock milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly phases: Phases;
  readonly durationMs: number;
  readonly outcome: Outcome;
  /** When the token that is now held expires, in wall-clock milliseconds; absent when it does not, or none is held. */
  readonly expiresAtMs?: number;
}

/** Takes finished runs: metrics, log, history. Must not throw and must not block. */
export interface Sink {
  record(result: Result): void;
  recordToken(result: TokenResult): void;
}

import type { SkewView } from './token.ts';

/** Where true time comes from, and how far this host may be from it. */
export interface ClockDefinition {
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  readonly everyMs: number;
  readonly toleranceMs: number;
  /** Whether what is signed is stamped with true time, as far as it is known, instead of this host's. */
  readonly correctAssertions: boolean;
}

/** The budget from which packets to time servers take their permits; there where servers are configured. */
export const timeBudgetName = 'ntp';

/** Skew is positive when this host is ahead of true time. All in milliseconds. */
export interface SkewInterval {
  readonly lowMs: number;
  readonly highMs: number;
}

/** What one clock says of ours, as of the moment it was asked. */
export interface ClockReading extends SkewInterval {
  /** The server as configured, or an origin. */
  readonly source: string;
  readonly kind: 'ntp' | 'date';
  /** The best single value; it lies within the interval. */
  readonly skewMs: number;
  /** Monotonic milliseconds. */
  readonly atMs: number;
}

/**
 * How a clock stands in the verdict. `used`: it agrees with the majority. `outvoted`: it does not, so it is taken for
 * false. `undecided`: it answers, and there is no majority to hold it against. `silent`: it has not answered lately.
 * `refused`: its answers are not believed (not synchronised, at odds with one another, or it asked us to stay away).
 * `waiting`: its first answer is not due yet, or its `Date` header has not been seen to go on for long enough.
 */
export const clockSourceStates = ['used', 'outvoted', 'undecided', 'silent', 'refused', 'waiting'] as const;

export type ClockSourceState = (typeof clockSourceStates)[number];

export interface ClockSourceView {
  readonly source: string;
  readonly kind: 'ntp' | 'date';
  readonly state: ClockSourceState;
  /** Present when there is a reading; widened by what two clocks may drift since it was taken. */
  readonly skewMs?: number;
  readonly uncertaintyMs?: number;
  readonly ageMs?: number;
  /** NTP only. */
  readonly stratum?: number;
  /** A clause for a person on why it is not used. */
  readonly problem?: string;
}

/** Whether a clock is told apart by name: it is outvoted, or its `Date` headers are refused. */
export function isAtOdds({ state, kind }: ClockSourceView): boolean {
  return state === 'outvoted' || (state === 'refused' && kind === 'date');
}

/**
 * `ahead`, `behind`: beyond the tolerance even after allowing for the uncertainty. `ok`: the best value lies within the
 * tolerance, and is known at least as well as that. `unknown`: anything else; it is said, never guessed.
 */
export type ClockState = 'ok' | 'ahead' | 'behind' | 'unknown';

export interface ClockVerdict {
  readonly state: ClockState;
  /** Absent exactly when the state is `unknown`. */
  readonly skewMs?: number;
  /** True skew lies within `skewMs` plus or minus this. */
  readonly uncertaintyMs?: number;
  /** What `clock.tolerance` allows. */
  readonly toleranceMs: number;
  /** A clause for a person: which sources it rests on, or why it is not known. */
  readonly reason: string;
  readonly sources: readonly ClockSourceView[];
}

/** How far this host is from true time, for those who sign with its clock; undefined while it is not known. */
export function skewViewOf({ skewMs, uncertaintyMs, toleranceMs }: ClockVerdict): SkewView | undefined {
  return skewMs === undefined || uncertaintyMs === undefined ? undefined : { skewMs, uncertaintyMs, toleranceMs };
}

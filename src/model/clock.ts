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
 * false. `silent`: it has not answered lately. `refused`: its answers are not believed (not synchronised, or it asked
 * us to stay away). `waiting`: it has not been asked yet.
 */
export type ClockSourceState = 'used' | 'outvoted' | 'silent' | 'refused' | 'waiting';

export const clockSourceStates = [
  'used',
  'outvoted',
  'silent',
  'refused',
  'waiting',
] as const satisfies readonly ClockSourceState[];

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
  /** A sentence for a person on why it is not used. */
  readonly problem?: string;
}

/** `unknown` is said where there is no majority, never guessed. */
export type ClockState = 'ok' | 'ahead' | 'behind' | 'unknown';

export interface ClockVerdict {
  readonly state: ClockState;
  /** Absent exactly when the state is `unknown`. */
  readonly skewMs?: number;
  /** True skew lies within `skewMs` plus or minus this. */
  readonly uncertaintyMs?: number;
  /** What `clock.tolerance` allows. */
  readonly toleranceMs: number;
  /** One sentence: which sources it rests on, or why it is not known. */
  readonly reason: string;
  readonly sources: readonly ClockSourceView[];
}

import type { SignedClaims, SkewView } from '../model/token.ts';

/** The clock that assertions and proofs of ours are stamped by. */
export interface SigningClock {
  /** How far this host is from true time; absent while it is not known. */
  readonly skew?: SkewView;
  /** How far apart two clocks may be, in milliseconds. */
  readonly toleranceMs: number;
  /** Whether stamps are in true time, as far as it is known, instead of this host's. */
  readonly isCorrected: boolean;
}

/** What we signed, and the clock that it was stamped by. */
export interface Stamped {
  readonly claims: SignedClaims;
  readonly clock: SigningClock;
}

import type { SkewInterval } from '../model/clock.ts';

/** What a number of clocks, of which some may be false, say together. */
export type Selection<Reading> =
  | {
      readonly kind: 'majority';
      /** Holds the true skew as long as the majority of the voters is honest, whatever the others say. */
      readonly interval: SkewInterval;
      /** The best single value: the middle of what the largest set of readings has in common. */
      readonly skewMs: number;
      /** Those that agree with a majority. */
      readonly agreeing: readonly Reading[];
      /** Those that no majority agrees with: they are false. */
      readonly outvoted: readonly Reading[];
    }
  | {
      readonly kind: 'none';
      /** `too_few`: more readings are needed for a majority; `no_majority`: there are enough, but they disagree. */
      readonly reason: 'too_few' | 'no_majority';
      /** How many have to agree. */
      readonly needed: number;
    };

/**
 * Looks for more than half of `voters` (by default those that have a reading) whose intervals share a point. One voter
 * alone is a majority of itself.
 */
export declare function selectMajority<Reading extends SkewInterval>(
  readings: readonly Reading[],
  voters?: number,
): Selection<Reading>;

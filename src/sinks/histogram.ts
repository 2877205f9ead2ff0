import { type AddSeries, labelPair } from './metric-family.ts';

/** The buckets that many histograms share. */
export interface Buckets {
  /** Upper bounds in seconds, ascending; a last one without a bound comes after them. */
  readonly bounds: readonly number[];
  /** The label pair of each bucket, that of the last one too. */
  readonly pairs: readonly string[];
}

/** Counts seconds, one thing's. */
export interface Histogram {
  observe(seconds: number): void;
  /** Adds all its series at once, so that buckets, sum and count fit together. `labelPairs` must not be empty. */
  add(labelPairs: string, add: AddSeries): void;
}

/** Takes upper bounds in seconds, ascending. */
export function createBuckets(bounds: readonly number[]): Buckets {
  return { bounds, pairs: [...bounds.map(boundText), '+Inf'].map((bound) => labelPair('le', bound)) };
}

export function createHistogram({ bounds, pairs }: Buckets): Histogram {
  /** Of each bucket alone. */
  const counts: number[] = new Array(pairs.length).fill(0);
  let sum = 0;
  return {
    observe(seconds) {
      let index = 0;
      while (index < bounds.length && seconds > (bounds[index] as number)) index++;
      counts[index] = (counts[index] as number) + 1;
      sum += seconds;
    },
    add(labelPairs, add) {
      let count = 0;
      for (let index = 0; index < pairs.length; index++) {
        count += counts[index] as number;
        add(`${labelPairs},${pairs[index]}`, count, '_bucket');
      }
      add(labelPairs, sum, '_sum');
      add(labelPairs, count, '_count');
    },
  };
}

/**
 * The bound of a bucket. OpenMetrics demands a fraction (`1.0`); the text format leaves it open, and a series must not
 * change its name with the format.
 */
export function boundText(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

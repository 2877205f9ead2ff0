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

/** A stretch in which the same number of readings overlap. */
interface Stretch extends SkewInterval {
  readonly count: number;
}

/** Cuts the line at every edge of an interval; the stretches between, edges included, in their order. */
function stretchesOf(readings: readonly SkewInterval[]): readonly Stretch[] {
  // Where one interval ends and another begins they share that point, so the beginnings come first.
  const edges = readings
    .flatMap(({ lowMs, highMs }) => [
      { atMs: lowMs, step: 1 },
      { atMs: highMs, step: -1 },
    ])
    .sort((a, b) => a.atMs - b.atMs || b.step - a.step);
  let count = 0;
  return edges.map(({ atMs, step }, index) => {
    count += step;
    return { lowMs: atMs, highMs: edges[index + 1]?.atMs ?? atMs, count };
  });
}

const widthMs = ({ lowMs, highMs }: SkewInterval) => highMs - lowMs;

const overlap = (a: SkewInterval, b: SkewInterval) => a.lowMs <= b.highMs && b.lowMs <= a.highMs;

/**
 * Looks for more than half of `voters` (by default those that have a reading) whose intervals share a point, as Marzullo
 * and RFC 5905 section 11.2.1 do. The interval spans every point that a majority shares rather than what the largest set
 * shares: two liars and two honest clocks may make a larger set than three honest ones. One voter is a majority of itself.
 */
export function selectMajority<Reading extends SkewInterval>(
  readings: readonly Reading[],
  voters = readings.length,
): Selection<Reading> {
  const needed = Math.floor(voters / 2) + 1;
  if (readings.length < needed) return { kind: 'none', reason: 'too_few', needed };
  const shared = stretchesOf(readings).filter(({ count }) => count >= needed);
  const [first] = shared;
  const last = shared.at(-1);
  if (!first || !last) return { kind: 'none', reason: 'no_majority', needed };

  const best = shared.reduce((most, next) =>
    next.count > most.count || (next.count === most.count && widthMs(next) < widthMs(most)) ? next : most,
  );
  const agrees = (reading: Reading) => shared.some((stretch) => overlap(stretch, reading));
  return {
    kind: 'majority',
    interval: { lowMs: first.lowMs, highMs: last.highMs },
    skewMs: (best.lowMs + best.highMs) / 2,
    agreeing: readings.filter(agrees),
    outvoted: readings.filter((reading) => !agrees(reading)),
  };
}

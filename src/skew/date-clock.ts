import type { SkewInterval } from '../model/clock.ts';
import type { DateSighting } from '../net/date-watch.ts';
import { widened } from './drift.ts';

/** What the `Date` headers of one server say together. */
export interface DateClock {
  /** Narrows what is known. What contradicts it makes all begin anew: somebody's clock was stepped. */
  saw(sighting: DateSighting): void;
  /**
   * How far our monotonic clock is ahead of the server's, as of `lastMs()`. Add wall minus monotonic time for the skew:
   * kept apart, a step of our own wall clock moves the sum by just that, and corrupts nothing.
   */
  bounds(): SkewInterval;
  /** Monotonic milliseconds of the last header. */
  lastMs(): number;
  standing(): DateStanding;
}

/**
 * `steady`: its headers went on as our monotonic clock did. `new`: they have not done so for long enough yet.
 * `contradictory`: they did not, and have not done so for long enough since.
 */
export type DateStanding = 'new' | 'steady' | 'contradictory';

/**
 * A header names a second, so what made it may be a second further. Envoy, Kestrel, Tomcat, Vert.x and others make the
 * text but once a second (or half of one) and send it until the next time: another second.
 */
const dateLastsMs = 2_000;

/**
 * Behind one name there may be several clocks, or a cache that keeps a header and does not say so. What stands still is
 * found out within `dateLastsMs`, so what has gone on over more than twice that time, by several seconds, goes.
 */
const provenBySeconds = 3;
const provenOverMs = 5_000;

export function createDateClock(first: DateSighting): DateClock {
  let bounds = boundsOf(first);
  let lastMs = first.receivedMs;
  let trial = beginTrial(first, lastMs);
  let standing: DateStanding = 'new';

  return {
    saw(sighting) {
      // Exchanges under way at once do not end in the order of their headers.
      const atMs = Math.max(lastMs, sighting.receivedMs);
      const known = widened(bounds, atMs - lastMs);
      const seen = widened(boundsOf(sighting), atMs - sighting.receivedMs);
      const both = { lowMs: Math.max(known.lowMs, seen.lowMs), highMs: Math.min(known.highMs, seen.highMs) };
      const contradicts = both.lowMs > both.highMs;
      bounds = contradicts ? seen : both;
      lastMs = atMs;
      if (contradicts) {
        trial = beginTrial(sighting, atMs);
        standing = 'contradictory';
      } else if (standing !== 'steady') {
        trial.seconds.add(sighting.dateMs);
        const isProven = trial.seconds.size >= provenBySeconds && atMs - trial.sinceMs >= provenOverMs;
        if (isProven) standing = 'steady';
      }
    },
    bounds: () => bounds,
    lastMs: () => lastMs,
    standing: () => standing,
  };
}

/** The seconds that were named since the headers agree. */
function beginTrial({ dateMs }: DateSighting, sinceMs: number): { seconds: Set<number>; sinceMs: number } {
  return { seconds: new Set([dateMs]), sinceMs };
}

/** The server read its clock between our sending and our receiving, and that clock then stood in what the header names. */
function boundsOf({ dateMs, sentMs, receivedMs }: DateSighting): SkewInterval {
  return { lowMs: sentMs - dateMs - dateLastsMs, highMs: receivedMs - dateMs };
}

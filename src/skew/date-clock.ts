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
  /** False for a while after a contradiction. */
  isSteady(): boolean;
}

/**
 * A header names a second, so what made it may be a second further. Envoy, Kestrel, Tomcat, Vert.x and others make the
 * text but once a second (or half of one) and send it until the next time: another second.
 */
const dateLastsMs = 2_000;

/** Behind one name there may be several clocks: after a contradiction, so many have to agree before they count. */
const agreeingAfterContradiction = 3;

export function createDateClock(first: DateSighting): DateClock {
  let bounds = boundsOf(first);
  let lastMs = first.receivedMs;
  let agreeing = agreeingAfterContradiction;

  return {
    saw(sighting) {
      // Exchanges under way at once do not end in the order of their headers.
      const atMs = Math.max(lastMs, sighting.receivedMs);
      const known = widened(bounds, atMs - lastMs);
      const seen = widened(boundsOf(sighting), atMs - sighting.receivedMs);
      const both = { lowMs: Math.max(known.lowMs, seen.lowMs), highMs: Math.min(known.highMs, seen.highMs) };
      const contradicts = both.lowMs > both.highMs;
      agreeing = contradicts ? 1 : agreeing + 1;
      bounds = contradicts ? seen : both;
      lastMs = atMs;
    },
    bounds: () => bounds,
    lastMs: () => lastMs,
    isSteady: () => agreeing >= agreeingAfterContradiction,
  };
}

/** The server read its clock between our sending and our receiving, and that clock then stood in what the header names. */
function boundsOf({ dateMs, sentMs, receivedMs }: DateSighting): SkewInterval {
  return { lowMs: sentMs - dateMs - dateLastsMs, highMs: receivedMs - dateMs };
}

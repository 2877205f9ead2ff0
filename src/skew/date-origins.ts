import type { ClockReading } from '../model/clock.ts';
import type { DateSighting } from '../net/date-watch.ts';
import { createDateClock, type DateClock, type DateStanding } from './date-clock.ts';

/** An origin as a clock. */
export interface DateOrigin {
  readonly reading: ClockReading;
  readonly standing: DateStanding;
}

/** The issuers and targets whose `Date` headers are seen. */
export interface DateOrigins {
  saw(origin: string, sighting: DateSighting): void;
  /** `wallAheadMs`: what our wall clock shows when our monotonic clock shows 0. Origins long silent are left out. */
  list(nowMs: number, wallAheadMs: number): readonly DateOrigin[];
  /** Forgets all others. */
  keepOnly(origins: ReadonlySet<string>): void;
  /** For when our clocks parted in a way that the headers so far cannot tell. */
  forgetAll(): void;
}

const forgottenAfterMs = 3_600_000;
/** Wall clocks are read in whole milliseconds. */
const wallRoundingMs = 1;

export function createDateOrigins(): DateOrigins {
  const clocks = new Map<string, DateClock>();

  return {
    saw(origin, sighting) {
      const known = clocks.get(origin);
      if (known) known.saw(sighting);
      else clocks.set(origin, createDateClock(sighting));
    },
    list(nowMs, wallAheadMs) {
      for (const [origin, clock] of clocks) if (nowMs - clock.lastMs() > forgottenAfterMs) clocks.delete(origin);
      return Array.from(clocks, ([source, clock]) => ({
        reading: readingOf(source, clock, wallAheadMs),
        standing: clock.standing(),
      }));
    },
    keepOnly(origins) {
      for (const origin of clocks.keys()) if (!origins.has(origin)) clocks.delete(origin);
    },
    forgetAll: () => clocks.clear(),
  };
}

function readingOf(source: string, clock: DateClock, wallAheadMs: number): ClockReading {
  const bounds = clock.bounds();
  const lowMs = bounds.lowMs + wallAheadMs - wallRoundingMs;
  const highMs = bounds.highMs + wallAheadMs + wallRoundingMs;
  return { source, kind: 'date', lowMs, highMs, skewMs: (lowMs + highMs) / 2, atMs: clock.lastMs() };
}

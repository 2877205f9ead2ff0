import type { Clock } from './clock.ts';

/**
 * What the wall clock shows when the monotonic clock shows 0, in milliseconds: to some microseconds, and to a millisecond
 * where this process is held up, or the wall clock was set by less than that, a moment ago.
 */
export type WallAhead = () => number;

/** As near as two looks at the clocks, one right after the other, come to a tick of the wall clock. */
const fineMs = 0.01;

/** A tick comes each millisecond; what holds this process up meanwhile does not count. */
const mostLooks = 10_000;

/** Where the difference lies. */
interface Bounds {
  readonly lowMs: number;
  readonly highMs: number;
}

/** The wall clock leaves out the fraction of its milliseconds, and is read between two readings of the other. */
function look(clock: Clock): Bounds {
  const beforeMs = clock.monotonicMs();
  const wallMs = clock.wallMs();
  return { lowMs: wallMs - clock.monotonicMs(), highMs: wallMs + 1 - beforeMs };
}

/** Undefined when the two have nothing in common: the wall clock was set between them. */
function common(a: Bounds, b: Bounds): Bounds | undefined {
  const [lowMs, highMs] = [Math.max(a.lowMs, b.lowMs), Math.min(a.highMs, b.highMs)];
  return lowMs <= highMs ? { lowMs, highMs } : undefined;
}

/** Looks until the wall clock ticks: there alone it tells its fraction. */
function narrowed(first: Bounds, clock: Clock): Bounds {
  let bounds = first;
  let lastMs = Number.NaN;
  for (let looks = 0; looks < mostLooks && bounds.highMs - bounds.lowMs > fineMs; looks++) {
    const nowMs = clock.monotonicMs();
    // Virtual time stands still.
    if (nowMs === lastMs) break;
    lastMs = nowMs;
    const latest = look(clock);
    bounds = common(bounds, latest) ?? latest;
  }
  return bounds;
}

/**
 * Reads wall time more finely than in the whole milliseconds that it is told in. The two clocks run alike (on Linux
 * exactly), so what was once found holds until the wall clock is set, which each look would show.
 */
export function createWallAhead(clock: Clock): WallAhead {
  let bounds = look(clock);
  return () => {
    const latest = look(clock);
    bounds = narrowed(common(bounds, latest) ?? latest, clock);
    return bounds.lowMs;
  };
}

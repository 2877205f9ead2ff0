import { type ClockSourceView, type ClockState, type ClockVerdict, isAtOdds } from '../model/clock.ts';

/** Tells which verdicts are worth a line in a log. All times are monotonic milliseconds. */
export interface ClockNews {
  /** Whether the verdict says what was not told yet: then it counts as told. */
  isNews(verdict: ClockVerdict, nowMs: number): boolean;
  /** For when the wall clock was set: what is found next is news, though it be the same. */
  beginAnew(nowMs: number): void;
}

/** The verdict is unknown for a moment after each start and step: that is no news unless it lasts. */
const unknownIsNewsAfterMs = 60_000;
/** What comes and goes is told no oftener. */
const quietMs = 300_000;

export function createClockNews(startMs: number): ClockNews {
  let knownAtMs = startMs;
  let toldState: ClockState | undefined;
  const stateToldAtMs = new Map<ClockState, number>();
  /** Sources that were told to be at odds, or to be so no more. */
  const toldSources = new Map<string, { readonly atOdds: boolean; readonly atMs: number }>();

  const isRest = (atMs: number | undefined, nowMs: number) => atMs !== undefined && nowMs - atMs < quietMs;
  const hasTurned = (view: ClockSourceView) => {
    const wasAtOdds = toldSources.get(view.source)?.atOdds ?? false;
    // A source that is silent or undecided for a while has not come round.
    return isAtOdds(view) ? !wasAtOdds : wasAtOdds && view.state === 'used';
  };

  return {
    isNews({ state, sources }, nowMs) {
      if (state !== 'unknown') knownAtMs = nowMs;
      else if (nowMs - knownAtMs < unknownIsNewsAfterMs) return false;
      const names = new Set(sources.map(({ source }) => source));
      for (const gone of toldSources.keys()) if (!names.has(gone)) toldSources.delete(gone);
      const turned = sources.filter(hasTurned);
      const isNewState = state !== toldState && !isRest(stateToldAtMs.get(state), nowMs);
      if (!isNewState && turned.every(({ source }) => isRest(toldSources.get(source)?.atMs, nowMs))) return false;
      toldState = state;
      stateToldAtMs.set(state, nowMs);
      for (const view of turned) toldSources.set(view.source, { atOdds: isAtOdds(view), atMs: nowMs });
      return true;
    },
    beginAnew(nowMs) {
      knownAtMs = nowMs;
      toldState = undefined;
      stateToldAtMs.clear();
      toldSources.clear();
    },
  };
}

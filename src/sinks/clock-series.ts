import { type ClockVerdict, clockSourceStates } from '../model/clock.ts';
import type { Instruments } from './instruments.ts';

/** The series of this host's clock. */
export interface ClockSeries {
  /** Shows a verdict, and nothing of the one before it. */
  show(verdict: ClockVerdict): void;
}

export function createClockSeries({ gauge }: Instruments): ClockSeries {
  const offset = gauge('sonde_clock_offset_seconds');
  const skew = gauge('sonde_clock_skew_seconds');
  const uncertainty = gauge('sonde_clock_uncertainty_seconds');
  const tolerance = gauge('sonde_clock_tolerance_seconds');
  const counts = gauge('sonde_clock_sources');

  return {
    show({ skewMs, uncertaintyMs, toleranceMs, sources }) {
      offset.reset();
      for (const { source, skewMs: offsetMs } of sources)
        if (offsetMs !== undefined) offset.set({ source }, offsetMs / 1000);
      for (const [metric, ms] of [
        [skew, skewMs],
        [uncertainty, uncertaintyMs],
      ] as const) {
        if (ms === undefined) metric.remove({});
        else metric.set(ms / 1000);
      }
      tolerance.set(toleranceMs / 1000);
      for (const state of clockSourceStates)
        counts.set({ state }, sources.filter((source) => source.state === state).length);
    },
  };
}

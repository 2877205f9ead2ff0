import type { ClockVerdict } from './clock.ts';

/** A difference between clocks as a person says it, without its sign: `0.4 ms`, `12 ms`, `400.1 s`, `3.2 h`, `365.0 d`. */
export function gapText(ms: number): string {
  const gapMs = Math.abs(ms);
  if (gapMs < 9.95) return `${Math.round(gapMs * 10) / 10} ms`;
  if (gapMs < 999.5) return `${Math.round(gapMs)} ms`;
  if (gapMs < 7_200_000) return `${(gapMs / 1_000).toFixed(1)} s`;
  return gapMs < 172_800_000 ? `${(gapMs / 3_600_000).toFixed(1)} h` : `${(gapMs / 86_400_000).toFixed(1)} d`;
}

/** Which way a clock is off, as in `400.1 s ahead`; positive is ahead. With `of`, of what. */
export function aheadText(ms: number, of?: string): string {
  if (of === undefined) return `${gapText(ms)} ${ms < 0 ? 'behind' : 'ahead'}`;
  return `${gapText(ms)} ${ms < 0 ? 'behind' : 'ahead of'} ${of}`;
}

/** The verdict in a sentence. */
export function clockSentence({ state, skewMs, uncertaintyMs, toleranceMs, reason }: ClockVerdict): string {
  if (skewMs === undefined || uncertaintyMs === undefined)
    return `How far this host's clock is off is not known: ${reason}.`;
  const found = `${aheadText(skewMs, 'true time')}, give or take ${gapText(uncertaintyMs)}`;
  const judged = state === 'ok' ? `within the tolerance of ${gapText(toleranceMs)}: it is ${found}` : found;
  return `This host's clock is ${judged}; ${reason}.`;
}

import type { ClockVerdict } from '../model/clock.ts';
import { aheadText, gapText } from '../model/clock-words.ts';
import { type Html, html } from './html.ts';

/** What the bars of one verdict have in common. */
export interface ClockScale {
  /** The skew at the middle: that of the verdict, where it is known. */
  readonly middleMs: number;
  /** From the middle to either edge, in milliseconds. */
  readonly halfMs: number;
  readonly toleranceMs: number;
}

interface Found {
  readonly skewMs: number;
  readonly uncertaintyMs: number;
}

const width = 200;
/** A line that can still be seen. */
const thin = 1.5;

/** Has room for every clock but those that are outvoted: one that is a year off would flatten all. */
export function clockScale({ skewMs: middleMs = 0, toleranceMs, sources }: ClockVerdict): ClockScale {
  const reaches = sources
    .filter(({ state }) => state !== 'outvoted')
    .map(({ skewMs = middleMs, uncertaintyMs = 0 }) => Math.abs(skewMs - middleMs) + uncertaintyMs);
  return { middleMs, halfMs: 1.25 * Math.max(1, ...reaches), toleranceMs };
}

/** The skews that a clock leaves open, over those that the tolerance allows. */
export function clockBar({ skewMs, uncertaintyMs }: Found, { middleMs, halfMs, toleranceMs }: ClockScale): Html {
  const at = (ms: number) => Math.min(width, Math.max(0, ((ms - middleMs) / halfMs + 1) * (width / 2)));
  const strip = (name: string, lowMs: number, highMs: number, least = thin) => {
    const size = Math.max(least, at(highMs) - at(lowMs));
    const left = Math.min(at(lowMs), width - size);
    return html`<rect class="${name}" x="${left.toFixed(1)}" width="${size.toFixed(1)}" height="8"/>`;
  };
  const words = `this host is ${aheadText(skewMs, 'it')}, give or take ${gapText(uncertaintyMs)}; the tolerance is ${gapText(toleranceMs)}`;
  return html`<svg class="gap" viewBox="0 0 ${width} 8" preserveAspectRatio="none" role="img" aria-label="${words}"><title>${words}</title>${[
    strip('tolerance', -toleranceMs, toleranceMs, 0),
    strip('reach', skewMs - uncertaintyMs, skewMs + uncertaintyMs),
    strip('best', skewMs, skewMs),
  ]}</svg>`;
}

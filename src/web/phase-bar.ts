import { type PhaseName, type Phases, phaseNames } from '../model/observation.ts';
import { type Html, html } from './html.ts';

/** Those that are the target's: the wait for our own budget is none of them. */
const shownPhases = phaseNames.filter((name) => name !== 'queue');

/** A bar of the phases of a run in their shares; undefined when none took time. */
export function phaseBar(phases: Phases): Html | undefined {
  const reached = shownPhases.map((name): [PhaseName, number] => [name, phases[name] ?? 0]).filter(([, ms]) => ms > 0);
  const totalMs = reached.reduce((sum, [, ms]) => sum + ms, 0);
  if (totalMs === 0) return undefined;
  const words = reached.map(([name, ms]) => `${name} ${msText(ms)}`).join(', ');
  let offset = 0;
  return html`<svg viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="${words}"><title>${words}</title>${reached.map(
    ([name, ms]) => {
      const share = (ms / totalMs) * 100;
      offset += share;
      return html`<rect class="${name}" x="${(offset - share).toFixed(1)}" width="${share.toFixed(1)}" height="6"/>`;
    },
  )}</svg>`;
}

/** What the colours of the bars mean. */
export function phaseLegend(): Html {
  return html`<span class="legend">${shownPhases.map(
    (name) => html`<svg width="10" height="10"><rect class="${name}" width="10" height="10"/></svg>${name}`,
  )}</span>`;
}

/** Milliseconds for a person: `0.4 ms`, `203 ms`. */
export function msText(ms: number): string {
  return `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
}

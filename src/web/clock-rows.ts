import type { ClockSourceView, ClockVerdict } from '../model/clock.ts';
import { aheadText, clockSentence, gapText } from '../model/clock-words.ts';
import { type ClockScale, clockBar, clockScale } from './clock-bar.ts';
import { durationWords } from './duration-words.ts';
import { type Html, html } from './html.ts';

const verdictLooks = {
  ok: { look: 'good', mark: '✓', words: 'right' },
  ahead: { look: 'bad', mark: '✗', words: 'ahead' },
  behind: { look: 'bad', mark: '✗', words: 'behind' },
  unknown: { look: 'odd', mark: '?', words: 'not known' },
} as const;

const sourceLooks = {
  used: { look: 'good', mark: '✓' },
  outvoted: { look: 'bad', mark: '✗' },
  undecided: { look: 'odd', mark: '?' },
  silent: { look: 'odd', mark: '?' },
  refused: { look: 'odd', mark: '!' },
  waiting: { look: 'odd', mark: '?' },
} as const;

/** The rows of this host's clock on the page, each made when it is called: the verdict in a sentence, and each other clock. */
export function clockRows(verdict: ClockVerdict): readonly (() => Html)[] {
  const scale = clockScale(verdict);
  return [() => verdictRow(verdict), ...verdict.sources.map((source) => () => sourceRow(source, scale))];
}

function verdictRow(verdict: ClockVerdict): Html {
  const { look, mark, words } = verdictLooks[verdict.state];
  return html`<article class="${look}">
<span class="mark">${mark}</span>
<div><h3>this host</h3> <span class="state">${words}</span>
<div class="target">${clockSentence(verdict)}</div></div>
</article>
`;
}

function sourceRow(view: ClockSourceView, scale: ClockScale): Html {
  const { source, state, problem, skewMs, uncertaintyMs } = view;
  const { look, mark } = sourceLooks[state];
  const found = skewMs === undefined || uncertaintyMs === undefined ? undefined : { skewMs, uncertaintyMs };
  return html`<article class="${look}">
<span class="mark">${mark}</span>
<div><h3>${source}</h3> <span class="state">${state}</span>
<span class="since">${originWords(view)}</span>${
    problem &&
    html`
<div class="target">${problem}</div>`
  }</div>
<div class="took">${found && html`${`${aheadText(found.skewMs)} ± ${gapText(found.uncertaintyMs)}`}${clockBar(found, scale)}`}</div>
</article>
`;
}

function originWords({ kind, stratum, ageMs }: ClockSourceView): string {
  const how = kind === 'date' ? 'by its Date headers' : stratum === undefined ? 'NTP' : `NTP, stratum ${stratum}`;
  return ageMs === undefined ? how : `${how}, ${durationWords(ageMs)} ago`;
}

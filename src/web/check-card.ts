import { causeOf } from '../model/cause.ts';
import type { CheckState, Result } from '../model/result.ts';
import { toldLabels } from '../sinks/told-labels.ts';
import { causeLines } from './cause-lines.ts';
import { durationWords } from './duration-words.ts';
import { type Html, html } from './html.ts';
import { msText, phaseBar } from './phase-bar.ts';
import { standingOf } from './standing.ts';
import type { CheckView } from './views.ts';

const looks = {
  failing: { look: 'bad', mark: '✗', words: 'failing' },
  silent: { look: 'odd', mark: '?', words: 'not asked now' },
  unknown: { look: 'odd', mark: '?', words: 'not known yet' },
  passing: { look: 'good', mark: '✓', words: 'passing' },
} as const;

/** One check on the page: `last` is its last run of all, `lastAsked` the last that asked its target. */
export function checkCard(
  view: CheckView,
  last: Result | undefined,
  lastAsked: Result | undefined,
  nowMs: number,
): Html {
  const { check, state } = view;
  const standing = standingOf(view, last);
  const { look, mark, words } = looks[standing];
  return html`<article class="${look}">
<span class="mark">${mark}</span>
<div><h3>${check.name}</h3> <span class="state">${words}</span>
<span class="since">${standing === 'silent' ? 'passed when it was' : sinceWords(state, nowMs)}</span>
<div class="target">${check.kind} ${check.target}${Object.entries(toldLabels(check)).map(
    ([name, value]) => html` <span class="label">${name}: ${value}</span>`,
  )}</div></div>
<div class="took">${lastAsked && html`${tookText(lastAsked)}${phaseBar(lastAsked.phases)}`}</div>
${whyLines(state, last)}
</article>
`;
}

function tookText({ durationMs, uncertaintyMs, isUncertain }: Result): Html | string {
  if (!isUncertain) return msText(durationMs);
  return html`${msText(durationMs)} <small>(up to ${msText(uncertaintyMs)} of it may be sonde's own)</small>`;
}

function sinceWords({ sinceMs, consecutiveFailures }: CheckState, nowMs: number): Html {
  const inRow = consecutiveFailures > 1 ? `, ${consecutiveFailures} failures in a row` : '';
  return html`for <time datetime="${new Date(sinceMs).toISOString()}">${durationWords(nowMs - sinceMs)}</time>${inRow}`;
}

/** What stands in the way now; below it, why the check failed before nobody could ask any more. */
function whyLines(state: CheckState, last: Result | undefined): Html | undefined {
  const lastCause = last && causeOf(last.outcome);
  if (!lastCause || lastCause.code === state.cause?.code) {
    return state.cause && html`<div class="why">${causeLines(state.cause, last?.runId)}</div>`;
  }
  return html`<div class="why">${causeLines(lastCause, last.runId)}
${state.cause && html`<p class="before">Before that:</p>${causeLines(state.cause)}`}</div>`;
}

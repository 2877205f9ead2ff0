import { causeOf } from '../model/cause.ts';
import type { Result } from '../model/result.ts';
import { causeLines } from './cause-lines.ts';
import { durationWords } from './duration-words.ts';
import { type Html, html } from './html.ts';
import { msText, phaseBar } from './phase-bar.ts';
import type { CheckView } from './views.ts';

const looks = {
  passing: { look: 'good', mark: '✓' },
  failing: { look: 'bad', mark: '✗' },
  unknown: { look: 'odd', mark: '?' },
} as const;

/** One check on the page: `last` is its last run of all, `lastAsked` the last that asked its target. */
export function checkCard(
  { check, state }: CheckView,
  last: Result | undefined,
  lastAsked: Result | undefined,
  nowMs: number,
): Html {
  const { look, mark } = looks[state.status];
  const since = html`<time datetime="${new Date(state.sinceMs).toISOString()}">${durationWords(nowMs - state.sinceMs)}</time>`;
  return html`<article class="${look}">
<span class="mark">${mark}</span>
<div><h3>${check.name}</h3> <span class="state">${state.status === 'unknown' ? 'not known yet' : state.status}</span>
<span class="since">for ${since}${state.consecutiveFailures > 1 ? `, ${state.consecutiveFailures} failures in a row` : ''}</span>
<div class="target">${check.kind} ${check.target}${Object.entries(check.labels).map(
    ([name, value]) => html` <span class="label">${name}: ${value}</span>`,
  )}</div></div>
<div class="took">${lastAsked && html`${msText(lastAsked.durationMs)}${phaseBar(lastAsked.phases)}`}</div>
${whyLines({ check, state }, last)}
</article>
`;
}

/** Why the check fails, and what its last run met when that is not the same. */
function whyLines({ state }: CheckView, last: Result | undefined): Html | undefined {
  const lastCause = last && causeOf(last.outcome);
  if (!lastCause || lastCause.code === state.cause?.code) {
    return state.cause && html`<div class="why">${causeLines(state.cause, last?.runId)}</div>`;
  }
  return html`<div class="why">${state.cause && causeLines(state.cause)}
<p class="before">The last run ${last.outcome.kind === 'skipped' ? 'was skipped' : 'did not pass'}:</p>
${causeLines(lastCause, last.runId)}</div>`;
}

import { causeOf } from '../model/cause.ts';
import type { TokenResult } from '../model/result.ts';
import { tokenStatus } from './api.ts';
import { causeLines } from './cause-lines.ts';
import { durationWords } from './duration-words.ts';
import { type Html, html } from './html.ts';
import { msText, phaseBar } from './phase-bar.ts';

const looks = {
  live: { look: 'good', mark: '✓' },
  expired: { look: 'bad', mark: '✗' },
  absent: { look: 'bad', mark: '✗' },
  unknown: { look: 'odd', mark: '?' },
} as const;

/** One token on the page, by its last own run. */
export function tokenCard(name: string, last: TokenResult | undefined, nowMs: number): Html {
  const status = tokenStatus(last, nowMs);
  const { look, mark } = looks[status];
  const cause = last && causeOf(last.outcome);
  return html`<article class="${look}">
<span class="mark">${mark}</span>
<div><h3>${name}</h3> <span class="state">${status === 'unknown' ? 'not known yet' : status}</span>
<span class="since">${expiryWords(last, nowMs)}${last && html` refreshed ${durationWords(nowMs - last.startedAtMs)} ago`}</span></div>
<div class="took">${last && html`${msText(last.durationMs)}${phaseBar(last.phases)}`}</div>
${cause && html`<div class="why">${causeLines(cause, last.runId)}</div>`}
</article>
`;
}

function expiryWords(last: TokenResult | undefined, nowMs: number): string {
  if (last?.expiresAtMs === undefined) return '';
  const leftMs = last.expiresAtMs - nowMs;
  return leftMs > 0 ? `expires in ${durationWords(leftMs)},` : `since ${durationWords(-leftMs)},`;
}

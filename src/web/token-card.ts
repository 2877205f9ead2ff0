import { causeOf } from '../model/cause.ts';
import type { TokenResult } from '../model/result.ts';
import { tokenStatus } from './api.ts';
import { causeLines } from './cause-lines.ts';
import { durationWords } from './duration-words.ts';
import { type Html, html } from './html.ts';
import { msText, phaseBar } from './phase-bar.ts';

const looks = {
  live: { look: 'good', mark: '✓', words: 'live' },
  expired: { look: 'bad', mark: '✗', words: 'expired' },
  absent: { look: 'bad', mark: '✗', words: 'absent' },
  unknown: { look: 'odd', mark: '?', words: 'not known yet' },
} as const;

/** One token on the page, by its last own run. */
export function tokenCard(name: string, last: TokenResult | undefined, nowMs: number): Html {
  const status = tokenStatus(last, nowMs);
  const { look, mark, words } = looks[status];
  const cause = last && causeOf(last.outcome);
  // It is live, and will not be for long unless the next refresh goes better.
  const isThreatened = status === 'live' && cause;
  return html`<article class="${isThreatened ? 'odd' : look}">
<span class="mark">${isThreatened ? '!' : mark}</span>
<div><h3>${name}</h3> <span class="state">${words}</span>
<span class="since">${last && expiryWords(last, nowMs)}</span></div>
<div class="took">${last && html`${msText(last.durationMs)}${phaseBar(last.phases)}`}</div>
${cause && html`<div class="why">${causeLines(cause, last.runId)}</div>`}
</article>
`;
}

function expiryWords({ expiresAtMs, startedAtMs, outcome }: TokenResult, nowMs: number): string {
  const asked = `${outcome.kind === 'passed' ? 'refreshed' : 'last asked for'} ${durationWords(nowMs - startedAtMs)} ago`;
  if (expiresAtMs === undefined) return asked;
  const leftMs = expiresAtMs - nowMs;
  return `${leftMs > 0 ? `expires in ${durationWords(leftMs)}` : `${durationWords(-leftMs)} ago`}, ${asked}`;
}

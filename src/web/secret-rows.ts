import type { SecretStanding } from '../model/secret-standing.ts';
import { causeLines } from './cause-lines.ts';
import { durationWords } from './duration-words.ts';
import { type Html, html } from './html.ts';

const looks = {
  current: { look: 'good', mark: '✓', words: 'at hand' },
  stale: { look: 'odd', mark: '!', words: 'the last good value is used' },
  missing: { look: 'bad', mark: '✗', words: 'missing' },
} as const;

/** The rows of secrets on the page, each made when it is called: those of Vault, and files that have gone. */
export function secretRows(standings: readonly SecretStanding[], nowMs: number): readonly (() => Html)[] {
  const shown = standings.filter(({ reference, cause }) => cause || reference.startsWith('${vault:'));
  return shown.map((standing) => () => secretRow(standing, nowMs));
}

function secretRow({ reference, users, state, readAtMs, leaseEndsAtMs, cause }: SecretStanding, nowMs: number): Html {
  const { look, mark, words } = looks[state];
  const times = [
    ...(readAtMs === undefined ? [] : [`read ${durationWords(nowMs - readAtMs)} ago`]),
    ...(leaseEndsAtMs === undefined ? [] : [leaseWords(leaseEndsAtMs - nowMs)]),
  ];
  return html`<article class="${look}">
<span class="mark">${mark}</span>
<div><h3>${reference}</h3> <span class="state">${words}</span>
<span class="since">${times.join(', ')}</span>
<div class="target">${users.join(', ')}</div></div>
${cause && html`<div class="why">${causeLines(cause)}</div>`}
</article>
`;
}

function leaseWords(leftMs: number): string {
  return leftMs > 0 ? `lease for ${durationWords(leftMs)} more` : `lease over for ${durationWords(-leftMs)}`;
}

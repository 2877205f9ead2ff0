import { type Blame, type Cause, guidanceOf } from '../model/cause.ts';
import { type Html, html } from './html.ts';

const actors: Readonly<Record<Blame, string>> = {
  target: 'the target has to act',
  issuer: 'the issuer has to act',
  network: 'the network has to act',
  self: 'sonde or its host has to act',
  config: 'the configuration has to change',
};

/** A cause for the person on call: what it means, this very case, what to do, and who. */
export function causeLines(cause: Cause, runId?: string): Html {
  const { code, detail } = cause;
  const { sentence, action, blame } = guidanceOf(cause);
  return html`<p class="sentence">${sentence}</p>
<p>${detail}</p>
<p class="action">${action}</p>
<p class="code">${code} · <span class="actor">${actors[blame]}</span>${runId && html` · <a href="/api/v1/runs/${runId}">run ${runId.slice(0, 8)}</a>`}</p>`;
}

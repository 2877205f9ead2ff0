import { createHash } from 'node:crypto';
import type { Result } from '../model/result.ts';
import type { Answer } from './answer.ts';
import { checkCard } from './check-card.ts';
import { clockSection } from './clock-section.ts';
import { durationWords } from './duration-words.ts';
import { Html, html } from './html.ts';
import { pageStyle } from './page-style.ts';
import { phaseLegend } from './phase-bar.ts';
import { secretSection } from './secret-section.ts';
import { type Standing, standingOf, standings } from './standing.ts';
import { tokenCard } from './token-card.ts';
import type { CheckView, ReloadStatus, Views } from './views.ts';

const refreshSeconds = 10;
const style = new Html(pageStyle);

/** Nothing may load but the page's own style and its drawn icon: what a target says can do nothing here. */
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(pageStyle).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A check as the page shows it. */
interface Row {
  readonly view: CheckView;
  readonly last: Result | undefined;
  readonly standing: Standing;
}

/** What the head of the page says and in which colour. */
interface Summary {
  readonly look: 'failing' | 'waiting' | 'passing';
  readonly title: string;
  readonly icon: string;
}

/** The page at `/`: what is wrong, why, since when and who has to act; the failing checks first. */
export function overviewPage(views: Views): Answer {
  const nowMs = views.wallMs();
  const rows = views.checks().map((view): Row => {
    const last = views.history.last(view.check.name);
    return { view, last, standing: standingOf(view, last) };
  });
  rows.sort((a, b) => standings.indexOf(a.standing) - standings.indexOf(b.standing) || byName(a, b));
  const { look, title, icon } = summarize(rows);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${refreshSeconds}">
<title>${title} · sonde</title>
<link rel="icon" href="${icon}">
<style>${style}</style>
</head>
<body>
<header class="${look}">
<h1>${title}</h1>
<p>sonde ${views.version} · ${new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ')} UTC</p>
</header>
<main>
${reloadBanner(views.reloadStatus(), nowMs)}
${checkList(rows, views, nowMs)}
${tokenList(views, nowMs)}
${secretSection(views.secrets(), nowMs)}
${clockSection(views.clockVerdict())}
</main>
<footer>${phaseLegend()}
<p><a href="/metrics">metrics</a> · as JSON: <a href="/api/v1/checks">checks</a>, <a href="/api/v1/tokens">tokens</a>, <a href="/api/v1/secrets">secrets</a>, <a href="/api/v1/clock">clock</a></p></footer>
</body>
</html>
`;
  return { status: 200, contentType: 'text/html; charset=utf-8', body: page.text, contentSecurityPolicy };
}

function byName(a: Row, b: Row): number {
  return a.view.check.name.localeCompare(b.view.check.name, 'en');
}

function summarize(rows: readonly Row[]): Summary {
  const words = { failing: 'failing', silent: 'not asked now', unknown: 'not known yet' };
  const [worst] = rows;
  if (!worst) return { look: 'waiting', title: 'No check is configured', icon: iconOf('b7791f') };
  if (worst.standing === 'passing') {
    const title = rows.length === 1 ? 'The check passes' : `All ${rows.length} pass`;
    return { look: 'passing', title, icon: iconOf('1a7f4b') };
  }
  const count = rows.filter(({ standing }) => standing === worst.standing).length;
  const title = `${count} of ${rows.length} ${words[worst.standing]}`;
  return worst.standing === 'failing' || worst.standing === 'silent'
    ? { look: 'failing', title, icon: iconOf('d92d20') }
    : { look: 'waiting', title, icon: iconOf('b7791f') };
}

function iconOf(colour: string): string {
  return `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='%23${colour}'/></svg>`;
}

function reloadBanner({ successful, atMs, problems }: ReloadStatus, nowMs: number): Html | undefined {
  if (successful) return undefined;
  return html`<div class="banner" role="alert"><b>The configuration could not be reloaded</b> (${durationWords(nowMs - atMs)} ago). What ran before goes on.
<ul>${problems.map((problem) => html`<li>${problem}</li>`)}</ul></div>`;
}

function checkList(rows: readonly Row[], { history }: Views, nowMs: number): Html | undefined {
  if (rows.length === 0) return undefined;
  return html`<section aria-label="Checks">
${rows.map(({ view, last }) => checkCard(view, last, history.lastAsked(view.check.name), nowMs))}</section>`;
}

function tokenList({ history, tokens }: Views, nowMs: number): Html | undefined {
  const names = tokens();
  if (names.length === 0) return undefined;
  return html`<h2>Tokens</h2>
<section aria-label="Tokens">
${names.map((name) => tokenCard(name, history.lastOfToken(name), nowMs))}</section>`;
}

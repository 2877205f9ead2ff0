import { createHash } from 'node:crypto';
import type { Answer } from './answer.ts';
import { checkCard } from './check-card.ts';
import { type CheckRow, orderChecks } from './check-order.ts';
import { clockRows } from './clock-rows.ts';
import { durationWords } from './duration-words.ts';
import { Html, html } from './html.ts';
import { pageStyle } from './page-style.ts';
import { phaseLegend } from './phase-bar.ts';
import { secretRows } from './secret-rows.ts';
import { type Standing, standings } from './standing.ts';
import { tokenCard } from './token-card.ts';
import type { ReloadStatus, Views } from './views.ts';

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

/** So many checks have a page of their own; so many tokens, secrets and clocks are shown at all. */
const mostRows = 100;

/** What the head of the page says and in which colour. */
interface Summary {
  readonly look: 'failing' | 'waiting' | 'passing';
  readonly title: string;
  readonly icon: string;
}

/**
 * The page at `/`: what is wrong, why, since when and who has to act; the failing checks first. Where checks are many,
 * they are shown by pages; `page` counts from 1, and one beyond the last is the last.
 */
export function overviewPage(views: Views, page = 1): Answer & { readonly body: Iterable<string> } {
  const body = pieces(views, page);
  return { status: 200, contentType: 'text/html; charset=utf-8', body, contentSecurityPolicy };
}

function* pieces(views: Views, page: number): Iterable<string> {
  const nowMs = views.wallMs();
  const { first, counts } = yield* orderChecks(views, page * mostRows);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const { look, title, icon } = summarize(counts, total);
  yield html`<!doctype html>
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
`.text;
  yield* checkPage(first, total, views, nowMs);
  yield* section('Tokens', tokenRows(views, nowMs), '/api/v1/tokens');
  yield* section('Secrets', secretRows(views.secrets(), nowMs), '/api/v1/secrets');
  yield* section('Clock', clockRows(views.clockVerdict()), '/api/v1/clock');
  yield html`</main>
<footer>${phaseLegend()}
<p><a href="/metrics">metrics</a> · as JSON: <a href="/api/v1/checks">checks</a>, <a href="/api/v1/tokens">tokens</a>, <a href="/api/v1/secrets">secrets</a>, <a href="/api/v1/clock">clock</a></p></footer>
</body>
</html>
`.text;
}

function summarize(counts: Readonly<Record<Standing, number>>, total: number): Summary {
  const words = { failing: 'failing', silent: 'not asked now', unknown: 'not known yet' };
  const worst = standings.find((standing) => counts[standing] > 0);
  if (!worst) return { look: 'waiting', title: 'No check is configured', icon: iconOf('b7791f') };
  if (worst === 'passing') {
    const title = total === 1 ? 'The check passes' : `All ${total} pass`;
    return { look: 'passing', title, icon: iconOf('1a7f4b') };
  }
  const title = `${counts[worst]} of ${total} ${words[worst]}`;
  return worst === 'failing' || worst === 'silent'
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

/** The last page that the first rows reach. */
function* checkPage(first: readonly CheckRow[], total: number, { history }: Views, nowMs: number): Iterable<string> {
  if (total === 0) return;
  const page = Math.ceil(first.length / mostRows);
  const start = (page - 1) * mostRows;
  yield '<section aria-label="Checks">\n';
  for (const { view, last } of first.slice(start))
    yield checkCard(view, last, history.lastAsked(view.check.name), nowMs).text;
  yield '</section>\n';
  if (total <= mostRows) return;
  const before = page > 1 ? html`<a href="/?page=${page - 1}" rel="prev">before</a> · ` : undefined;
  const after = first.length < total ? html` · <a href="/?page=${page + 1}" rel="next">after</a>` : undefined;
  yield html`<nav aria-label="Pages">${before}checks ${start + 1} to ${first.length} of ${total}${after}</nav>
`.text;
}

function tokenRows({ history, tokens }: Views, nowMs: number): readonly (() => Html)[] {
  return tokens().map((name) => () => tokenCard(name, history.lastOfToken(name), nowMs));
}

/** Nothing where there are no rows. */
function* section(title: string, rows: readonly (() => Html)[], api: string): Iterable<string> {
  if (rows.length === 0) return;
  yield html`<h2>${title}</h2>
<section aria-label="${title}">
`.text;
  for (const row of rows.slice(0, mostRows)) yield row().text;
  yield '</section>\n';
  const hidden = rows.length - mostRows;
  if (hidden > 0) yield html`<p>${hidden} more are not shown here; <a href="${api}">the API</a> has all.</p>`.text;
}

import { createHash } from 'node:crypto';
import type { Answer } from './answer.ts';
import { checkCard } from './check-card.ts';
import { durationWords } from './duration-words.ts';
import { Html, html } from './html.ts';
import { pageStyle } from './page-style.ts';
import { phaseLegend } from './phase-bar.ts';
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

const order = { failing: 0, unknown: 1, passing: 2 } as const;

/** What the head of the page says and in which colour. */
interface Summary {
  readonly look: 'failing' | 'waiting' | 'passing';
  readonly title: string;
  readonly icon: string;
}

/** The page at `/`: what is wrong, why, since when and who has to act; the failing checks first. */
export function overviewPage(views: Views): Answer {
  const nowMs = views.wallMs();
  const checks = [...views.checks()].sort(
    (a, b) => order[a.state.status] - order[b.state.status] || a.check.name.localeCompare(b.check.name, 'en'),
  );
  const { look, title, icon } = summarize(checks);
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
${checkList(checks, views, nowMs)}
${tokenList(views, nowMs)}
</main>
<footer>${phaseLegend()}
<p><a href="/metrics">metrics</a> · as JSON: <a href="/api/v1/checks">checks</a>, <a href="/api/v1/tokens">tokens</a></p></footer>
</body>
</html>
`;
  return { status: 200, contentType: 'text/html; charset=utf-8', body: page.text, contentSecurityPolicy };
}

function summarize(checks: readonly CheckView[]): Summary {
  const count = (status: CheckView['state']['status']) => checks.filter(({ state }) => state.status === status).length;
  const failing = count('failing');
  const unknown = count('unknown');
  if (failing > 0) return { look: 'failing', title: `${failing} of ${checks.length} failing`, icon: iconOf('d92d20') };
  if (unknown > 0 || checks.length === 0)
    return { look: 'waiting', title: `${unknown} of ${checks.length} not known yet`, icon: iconOf('b7791f') };
  return {
    look: 'passing',
    title: checks.length === 1 ? 'The check passes' : `All ${checks.length} pass`,
    icon: iconOf('1a7f4b'),
  };
}

function iconOf(colour: string): string {
  return `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='%23${colour}'/></svg>`;
}

function reloadBanner({ successful, atMs, problems }: ReloadStatus, nowMs: number): Html | undefined {
  if (successful) return undefined;
  return html`<div class="banner" role="alert"><b>The configuration could not be reloaded</b> (${durationWords(nowMs - atMs)} ago). What ran before goes on.
<ul>${problems.map((problem) => html`<li>${problem}</li>`)}</ul></div>`;
}

function checkList(checks: readonly CheckView[], { history }: Views, nowMs: number): Html {
  if (checks.length === 0) return html`<section><p class="none">No check is configured.</p></section>`;
  return html`<section aria-label="Checks">
${checks.map((view) => checkCard(view, history.last(view.check.name), history.lastAsked(view.check.name), nowMs))}</section>`;
}

function tokenList({ history, tokens }: Views, nowMs: number): Html | undefined {
  const names = tokens();
  if (names.length === 0) return undefined;
  return html`<h2>Tokens</h2>
<section aria-label="Tokens">
${names.map((name) => tokenCard(name, history.lastOfToken(name), nowMs))}</section>`;
}

import type { IncomingMessage } from 'node:http';
import { type Answer, jsonAnswer, jsonListAnswer, textAnswer } from './answer.ts';
import { checkJson, clockJson, clockSourceJson, runJson, secretJson, tokenJson, tokenRunJson } from './api.ts';
import { controlRoutes } from './control-routes.ts';
import { createMetricsRoute } from './metrics-route.ts';
import { overviewPage } from './page.ts';
import type { Call, Route } from './route.ts';
import type { Views } from './views.ts';

/** The probing loop turns once a second, and begins a check when it is due; past this it hangs, and only a restart helps. */
const heartbeatLimitMs = 5_000;

/** Every address that sonde answers. */
export function createRoutes(views: Views): readonly Route[] {
  return [
    createMetricsRoute(views.metrics),
    { method: 'GET', path: '/-/healthy', served: 'anywhere', answer: () => healthy(views.heartbeatAgeMs()) },
    { method: 'GET', path: '/-/ready', served: 'anywhere', answer: () => ready(views.ready()) },
    { method: 'POST', path: '/-/reload', served: 'anywhere', answer: (call) => reload(views, call) },
    { method: 'GET', path: '/', served: 'here', answer: ({ request }) => overviewPage(views, pageAsked(request)) },
    { method: 'GET', path: '/api/v1/checks', served: 'here', answer: () => checks(views) },
    { method: 'GET', path: '/api/v1/tokens', served: 'here', answer: () => tokens(views) },
    { method: 'GET', path: '/api/v1/clock', served: 'here', answer: () => clock(views) },
    { method: 'GET', path: '/api/v1/secrets', served: 'here', answer: () => secrets(views) },
    { method: 'GET', path: '/api/v1/runs/*', served: 'here', answer: ({ name }) => run(views, name) },
    ...controlRoutes(views),
  ];
}

/** The number of the page that is asked for; what is no number asks for the first. */
function pageAsked({ url }: IncomingMessage): number {
  const query = new URLSearchParams((url as string).split('?')[1]);
  return Math.max(1, Math.trunc(Number(query.get('page'))) || 1);
}

function checks({ checks, history }: Views): Answer {
  return jsonListAnswer('checks', checks(), (view) => checkJson(view, history.last(view.check.name)));
}

function tokens({ tokens, history, wallMs }: Views): Answer {
  return jsonListAnswer('tokens', tokens(), (name) => tokenJson(name, history.lastOfToken(name), wallMs()));
}

function clock({ clockVerdict }: Views): Answer {
  const verdict = clockVerdict();
  return jsonListAnswer('sources', verdict.sources, clockSourceJson, clockJson(verdict));
}

function secrets({ secrets }: Views): Answer {
  return jsonListAnswer('secrets', secrets(), secretJson);
}

function healthy(heartbeatAgeMs: number): Answer {
  if (heartbeatAgeMs < heartbeatLimitMs) return textAnswer(200, 'healthy');
  return textAnswer(503, `The probing loop has hung for ${Math.round(heartbeatAgeMs / 1000)} s.`);
}

function ready(isReady: boolean): Answer {
  return isReady ? textAnswer(200, 'ready') : textAnswer(503, 'The schedule does not run yet, or no more.');
}

async function reload(views: Views, { request, exposure }: Call): Promise<Answer> {
  if (exposure !== 'socket') {
    if (!views.reloadAllowed())
      return textAnswer(403, 'Reload by HTTP is off: set `allow_reload: true` under `server:`, or send SIGHUP.');
    // A page on any site can post here; browsers say where a request comes from, other clients do not.
    if (request.headers.origin !== undefined) return textAnswer(403, 'A web page may not reload the configuration.');
  }
  const { successful, problems } = await views.reload(exposure === 'socket' ? 'the control socket' : 'HTTP');
  if (successful) return textAnswer(200, 'reloaded');
  return textAnswer(422, ['The configuration is wrong; what ran before goes on.', ...problems].join('\n'));
}

function run({ history }: Views, runId: string): Answer {
  const result = history.run(runId);
  if (result) return jsonAnswer(200, runJson(result));
  const tokenResult = history.tokenRun(runId);
  if (tokenResult) return jsonAnswer(200, tokenRunJson(tokenResult));
  return jsonAnswer(404, { error: 'No run of that id is kept: only the last ones of each check and token are.' });
}

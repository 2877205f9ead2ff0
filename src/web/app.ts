import type { IncomingMessage, RequestListener } from 'node:http';
import { type Answer, sendAnswer, textAnswer } from './answer.ts';
import { type Exposure, isOwnHost } from './exposure.ts';
import type { Route } from './route.ts';
import { createRoutes } from './routes.ts';
import type { Views } from './views.ts';

/** Answers requests that come by a listener of some exposure. */
export type WebApp = (exposure: Exposure) => RequestListener;

/** The web of sonde: metrics, health, the page, the JSON API, and what commands ask over the control socket. */
export function createWebApp(views: Views): WebApp {
  const routes = createRoutes(views);
  return (exposure) => async (request, response) => {
    const answer = await answerTo(request, exposure, routes).catch((error: unknown) => {
      views.onError(error);
      return textAnswer(500, 'sonde itself has a bug; its log says more.');
    });
    await sendAnswer(request, response, answer).catch(views.onError);
  };
}

async function answerTo(request: IncomingMessage, exposure: Exposure, routes: readonly Route[]): Promise<Answer> {
  const path = (request.url as string).replace(/[?#].*$/, '');
  const here = routes.filter((candidate) => matches(candidate.path, path));
  const [any] = here;
  if (!any || (any.served === 'socket' && exposure !== 'socket'))
    return textAnswer(404, 'There is nothing at this address.');
  const refused = refusal(any, exposure, request.headers.host);
  if (refused) return refused;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const route = here.find((candidate) => candidate.method === method);
  if (!route) {
    const allow = here.map((candidate) => (candidate.method === 'GET' ? 'GET, HEAD' : candidate.method)).join(', ');
    return { ...textAnswer(405, `This address answers ${allow} only.`), allow };
  }
  return route.answer({ request, exposure, name: path.slice(route.path.length - 1) });
}

/** Names of runs and tokens need no escapes in a URL, so a path is taken as it stands. */
function matches(routePath: string, path: string): boolean {
  return routePath.endsWith('*') ? path.startsWith(routePath.slice(0, -1)) : path === routePath;
}

/** Why a page or the API is not served to this client: beyond loopback nothing asks who it is. */
function refusal({ served }: Route, exposure: Exposure, host: string | undefined): Answer | undefined {
  if (served !== 'here' || exposure === 'socket') return undefined;
  if (exposure === 'network')
    return textAnswer(403, 'Pages and API are for this machine: they are served when sonde listens on loopback.');
  if (!isOwnHost(host)) return textAnswer(421, 'The Host header names another host: use localhost or an IP address.');
  return undefined;
}

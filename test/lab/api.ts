import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiFaultName, apiFaults } from './api-faults.ts';
import { apiRoutes } from './api-routes.ts';
import { admit, type Introspection } from './bearer.ts';
import { type Call, sendError, sendRefusal } from './call.ts';
import { createFaultSwitch, type FaultSwitch } from './fault-switch.ts';
import { openListener } from './listener.ts';

export interface ApiOptions {
  /** On 127.0.0.1; 0 (the default) takes a free one. */
  readonly port?: number;
  /** How late `/slow` and the fault `slow` answer; 6 s by default. */
  readonly slowMs?: number;
  /** Asks the issuer about a token. */
  readonly introspect: (token: string) => Promise<Introspection>;
  /** Has the issuer revoke a token. */
  readonly revoke: (token: string) => Promise<void>;
}

/** The lab's API: a real server behind a real issuer, in the manner of the Claude API, that can be broken at will. */
export interface Api {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly faults: FaultSwitch<ApiFaultName>;
  close(): Promise<void>;
}

/** Starts the API; rejects with Node's error (`EADDRINUSE`) when its port is taken. */
export async function startApi({ port = 0, slowMs = 6000, introspect, revoke }: ApiOptions): Promise<Api> {
  const closing = new AbortController();
  const listener = await openListener({ port }, async (request, response) => {
    const call = callOf(request, response);
    try {
      await answer(call);
    } catch (error) {
      if (closing.signal.aborted || response.headersSent) response.destroy();
      else sendError(call, 500, 'api_error', String(error));
    }
  });

  const { origin } = listener;
  const faults = createFaultSwitch(apiFaults, (active) =>
    active.some((name) => apiFaults[name].closesPort) ? listener.close() : listener.open(),
  );

  const callOf = (request: IncomingMessage, response: ServerResponse): Call => ({
    request,
    response,
    // Some requests carry no path (`OPTIONS *`); they find no route.
    url: new URL(request.url?.startsWith('/') ? origin + request.url : `${origin}/`),
    linger: () => delay(slowMs, undefined, { signal: closing.signal }),
    revoke,
  });

  async function answer(call: Call): Promise<void> {
    const broken = faults.on(call.url.pathname);
    const fault = broken && apiFaults[broken];
    await fault?.before?.(call, () => faults.clear(broken));
    if (fault?.seize) return fault.seize(call);

    const route = apiRoutes.get(call.url.pathname);
    if (!route) return sendError(call, 404, 'not_found_error', 'Not found');
    if (call.request.method !== 'GET') {
      call.response.setHeader('allow', 'GET');
      return sendError(call, 405, 'invalid_request_error', 'Method not allowed');
    }
    if (route.scopes) {
      const scopes = fault?.scope ? [...route.scopes, fault.scope] : route.scopes;
      const admission = fault?.refusal ?? (await admit(call.request.headers.authorization, scopes, introspect));
      if (admission !== 'admitted') return sendRefusal(call, admission);
    }
    return (fault?.answer ?? route.answer)(call);
  }

  return {
    origin,
    faults,
    async close() {
      closing.abort();
      await listener.close();
    },
  };
}

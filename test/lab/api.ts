import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { type ApiFaultName, apiFaults } from './api-faults.ts';
import { apiRoutes } from './api-routes.ts';
import { createGate, type Introspection, type Shown } from './bearer.ts';
import { type Call, sendError, sendRefusal } from './call.ts';
import type { LabCertificates } from './certificates.ts';
import { createFaultSwitch, type FaultSwitch } from './fault-switch.ts';
import { openListener } from './listener.ts';

export interface ApiOptions {
  /** By which others reach it; it listens on all addresses then. 127.0.0.1 by default, and it listens there alone. */
  readonly host?: string;
  /** 0 (the default) takes a free one. */
  readonly port?: number;
  /** How late `/slow` and the fault `slow` answer; 6 s by default. */
  readonly slowMs?: number;
  /** Asks the issuer about a token. */
  readonly introspect: (token: string) => Promise<Introspection>;
  /** Has the issuer revoke a token. */
  readonly revoke: (token: string) => Promise<void>;
  /** Whether each DPoP proof has to carry a nonce of the API's (RFC 9449 section 9); not by default. */
  readonly dpopNonces?: boolean;
  /** With them it can be reached by https too, where tokens that are bound to a certificate are good. */
  readonly certificates?: LabCertificates;
}

/** The lab's API: a real server behind a real issuer, in the manner of the Claude API, that can be broken at will. */
export interface Api {
  /** `http://HOST:PORT` */
  readonly origin: string;
  /** `https://HOST:PORT`, where it asks for a client certificate. */
  readonly mtlsOrigin?: string;
  readonly faults: FaultSwitch<ApiFaultName>;
  /** Has proofs carry another nonce from now on, where they carry one. */
  renewNonce(): void;
  close(): Promise<void>;
}

const newNonce = () => randomBytes(12).toString('base64url');

/** What the request shows to be let in. */
function shownBy({ request, url }: Call): Shown {
  const { method = '', headers, socket } = request;
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  return {
    method,
    url,
    authorization: headers.authorization,
    proof: headers.dpop?.toString(),
    ...(certificate && { certificateHash: createHash('sha256').update(certificate.raw).digest('base64url') }),
  };
}

/** Starts the API; rejects with Node's error (`EADDRINUSE`) when its port is taken. */
export async function startApi({
  host = '127.0.0.1',
  port = 0,
  slowMs = 6000,
  introspect,
  revoke,
  dpopNonces = false,
  certificates,
}: ApiOptions): Promise<Api> {
  const closing = new AbortController();
  let nonce = dpopNonces ? newNonce() : undefined;
  const admit = createGate({ introspect, nonce: () => nonce });

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const call = callOf(request, response);
    try {
      await answer(call);
    } catch (error) {
      if (closing.signal.aborted || response.headersSent) response.destroy();
      else sendError(call, 500, 'api_error', String(error));
    }
  };

  await using opened = new AsyncDisposableStack();
  const open = async (where: number, tls: LabCertificates | undefined) =>
    opened.adopt(await openListener({ host, port: where, certificates: tls }, handle), (it) => it.close());
  const main = await open(port, undefined);
  const mtls = certificates ? await open(0, certificates) : undefined;
  const listeners = mtls ? [main, mtls] : [main];
  const faults = createFaultSwitch(apiFaults, async (active) => {
    const closes = active.some((name) => apiFaults[name].closesPort);
    for (const listener of listeners) await (closes ? listener.close() : listener.open());
  });

  function callOf(request: IncomingMessage, response: ServerResponse): Call {
    const scheme = request.socket instanceof TLSSocket ? 'https' : 'http';
    const origin = `${scheme}://${request.headers.host ?? 'lab'}`;
    return {
      request,
      response,
      // Some requests carry no path (`OPTIONS *`); they find no route.
      url: new URL(request.url?.startsWith('/') ? origin + request.url : `${origin}/`),
      linger: () => delay(slowMs, undefined, { signal: closing.signal }),
      revoke,
    };
  }

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
      const admission = fault?.refusal ?? (await admit(shownBy(call), scopes));
      if (admission !== 'admitted') return sendRefusal(call, admission);
    }
    return (fault?.answer ?? route.answer)(call);
  }

  const all = opened.move();
  return {
    origin: main.origin,
    ...(mtls ? { mtlsOrigin: mtls.origin } : {}),
    faults,
    renewNonce() {
      if (dpopNonces) nonce = newNonce();
    },
    async close() {
      closing.abort();
      await all.disposeAsync();
    },
  };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { LabCertificates } from './certificates.ts';
import { createFaultSwitch, type FaultSwitch } from './fault-switch.ts';
import { type IssuerFault, type IssuerFaultName, issuerFaults } from './issuer-faults.ts';
import { openListener } from './listener.ts';

export interface IssuerFrontOptions {
  readonly host: string;
  readonly port: number;
  readonly slowMs: number;
  readonly certificates: LabCertificates | undefined;
  readonly httpsOnly: boolean;
}

type Handle = (request: IncomingMessage, response: ServerResponse, path: string) => unknown;

/** The ports of an issuer, and what of its faults needs to know nothing of OAuth. */
export interface IssuerFront {
  readonly origin: string;
  /** Beside `origin`, where there are certificates and it is not by https already. */
  readonly mtlsOrigin?: string;
  readonly faults: FaultSwitch<IssuerFaultName>;
  faultAt(path: string): IssuerFault | undefined;
  /** How often a path has been asked, whatever came of it. */
  requests(path: string): number;
  /** Resolves as late as a late answer is; rejects when the front closes meanwhile. */
  wait(): Promise<void>;
  /** Until then, who asks is cut off. */
  serve(handle: Handle): void;
  close(): Promise<void>;
}

/** Rejects with Node's error (`EADDRINUSE`) when the port is taken. */
export async function openIssuerFront(options: IssuerFrontOptions): Promise<IssuerFront> {
  const { host, port, slowMs, certificates, httpsOnly } = options;
  const closing = new AbortController();
  const wait = () => delay(slowMs, undefined, { signal: closing.signal });
  const counts = new Map<string, number>();
  const requests = (path: string) => counts.get(path) ?? 0;
  let handle: Handle = (_request, response) => response.destroy();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const { pathname } = new URL(request.url ?? '/', 'http://lab');
    counts.set(pathname, requests(pathname) + 1);
    const fault = faultAt(pathname);
    try {
      if (fault?.late === 'before') await wait();
    } catch {
      return response.destroy();
    }
    return fault?.seize ? fault.seize(response) : handle(request, response, pathname);
  }

  await using opened = new AsyncDisposableStack();
  const open = async (where: number, tls: LabCertificates | undefined) =>
    opened.adopt(await openListener({ host, port: where, certificates: tls }, answer), (listener) => listener.close());
  const main = await open(port, httpsOnly ? certificates : undefined);
  const mtls = httpsOnly || !certificates ? undefined : await open(0, certificates);
  const listeners = mtls ? [main, mtls] : [main];
  const faults = createFaultSwitch(issuerFaults, async (active) => {
    const closes = active.some((name) => issuerFaults[name].closesPort);
    for (const listener of listeners) await (closes ? listener.close() : listener.open());
  });

  function faultAt(path: string): IssuerFault | undefined {
    const name = faults.on(path);
    return name && issuerFaults[name];
  }

  const all = opened.move();
  return {
    origin: main.origin,
    ...(mtls ? { mtlsOrigin: mtls.origin } : {}),
    faults,
    faultAt,
    requests,
    wait,
    serve(next) {
      handle = next;
    },
    async close() {
      closing.abort();
      await all.disposeAsync();
    },
  };
}

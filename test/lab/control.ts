import type { IncomingMessage, ServerResponse } from 'node:http';
import { openListener } from './listener.ts';

/** A server's faults, as far as switching them by hand goes. */
export interface Switchable {
  list(): readonly { readonly name: string; readonly on: readonly string[] }[];
  set(name: string, path?: string): Promise<void>;
  clear(): Promise<void>;
}

/** Switches faults by hand; it has a port of its own, since a fault can close the API's. */
export interface Control {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  close(): Promise<void>;
}

/** Starts the control server on 127.0.0.1; `servers` are the ones that can be broken, by name. */
export async function startControl(port: number, servers: Readonly<Record<string, Switchable>>): Promise<Control> {
  const clearAll = async () => {
    for (const server of Object.values(servers)) await server.clear();
  };

  /** Says what is wrong with a request, or undefined when it was done. */
  async function act(method: string, url: URL): Promise<string | undefined> {
    const [room, serverName = '', fault = ''] = url.pathname.split('/').filter(Boolean);
    if (room !== 'faults') return 'There is only /faults.';
    if (method === 'GET') return undefined;
    if (method === 'DELETE') {
      await clearAll();
      return undefined;
    }
    const server = Object.hasOwn(servers, serverName) ? servers[serverName] : undefined;
    if (method !== 'POST' || !server) return `POST to /faults/SERVER/FAULT; the servers: ${Object.keys(servers)}.`;
    const names = server.list().map((known) => known.name);
    if (!names.includes(fault)) return `${serverName} has no fault "${fault}"; it has: ${names.join(', ')}.`;
    await server.set(fault, url.searchParams.get('path') ?? undefined);
    return undefined;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A page that happens to be open in a browser on this host has no business here.
    const wrong =
      request.headers.origin === undefined
        ? await act(request.method ?? 'GET', new URL(`http://lab${request.url}`))
        : 'Not for browsers.';
    const listed = (server: Switchable) =>
      request.method === 'GET' ? server.list() : server.list().filter(({ on }) => on.length > 0);
    const view = Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, listed(server)]));
    response.writeHead(wrong ? 400 : 200, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(wrong ? { error: wrong } : view, undefined, 2)}\n`);
  }

  const { origin, close } = await openListener({ port }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500);
      response.end(`${error}\n`);
    });
  });
  return { origin, close };
}

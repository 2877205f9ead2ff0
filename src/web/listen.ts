import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { System } from '../system/system.ts';
import type { WebApp } from './app.ts';
import { exposureOf } from './exposure.ts';

/** Thrown when an address cannot be listened on; the message is a sentence for a person. */
export class ListenError extends Error {
  readonly code = 'LISTEN';
}

/** A listener that is open. */
export interface Listener {
  /** Takes no more requests, lets those under way end for a moment, and resolves when all is closed. */
  close(): Promise<void>;
}

export interface WebListener extends Listener {
  /** As bound: with the real port where 0 was asked for. */
  readonly address: { readonly host: string; readonly port: number };
}

export interface WebOptions {
  readonly system: Pick<System, 'clock'>;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly app: WebApp;
}

export interface ControlSocketOptions {
  readonly system: Pick<System, 'clock' | 'files'>;
  readonly path: string;
  readonly app: WebApp;
}

/** So many clients at once are an attack or a bug: scrapers and people need few. */
const mostConnections = 64;
/** Of one connection under way at a time; no client that reads its answers sends more. */
const mostPipelined = 2;
const closeGraceMs = 1_000;

/** Serves the web on a TCP address. Throws `ListenError` when the address cannot be had. */
export async function startWeb({ system, host, port, app }: WebOptions): Promise<WebListener> {
  const server = createLimitedServer();
  await listening(server, () => server.listen(port, host), `${host}:${port}`);
  const bound = server.address() as { readonly address: string; readonly port: number };
  // Only the bound address tells who can reach it: a name may stand for any.
  server.on('request', inTurn(app(exposureOf(bound.address))));
  return { address: { host: bound.address, port: bound.port }, close: () => closeServer(server, system) };
}

/**
 * Serves the web and the control routes on a Unix socket that only this user can open. The caller holds the lock of the
 * folder, so a socket that is there is left over from a crash. Throws `ListenError` when the path cannot be had.
 */
export async function startControlSocket({ system, path, app }: ControlSocketOptions): Promise<Listener> {
  await system.files.remove(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw new ListenError(listenProblem(path, error));
  });
  const server = createLimitedServer().on('request', inTurn(app('socket')));
  await listening(server, () => listenPrivately(server, path), path);
  return { close: () => closeServer(server, system) };
}

/** Binding happens within the call, so the mask gives the socket mode 0600 from its first moment. */
function listenPrivately(server: Server, path: string): void {
  const before = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(before);
  }
}

/** A server that no client can hold up or flood. */
export function createLimitedServer(): Server {
  const server = createServer({
    maxHeaderSize: 16 * 1024,
    headersTimeout: 5_000,
    requestTimeout: 10_000,
    connectionsCheckingInterval: 1_000,
    // Longer than the usual scrape interval, so that a scraper keeps its connection.
    keepAliveTimeout: 75_000,
  });
  server.maxConnections = mostConnections;
  // Who keeps a connection without using it makes room for who comes.
  server.on('drop', () => server.closeIdleConnections());
  return server;
}

/** Cuts off a client that piles requests up: each answer may be megabytes, and it need not read any. */
function inTurn(answer: RequestListener): RequestListener {
  const underWay = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    // What came with the request that it was cut off for.
    if (socket.destroyed) return;
    const count = (underWay.get(socket) ?? 0) + 1;
    if (count > mostPipelined) return void socket.destroy();
    underWay.set(socket, count);
    response.on('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1));
    answer(request, response);
  };
}

/** Resolves when the server listens; throws `ListenError`. */
export function listening(server: Server, listen: () => void, where: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // It stays on: when a later accept fails, for want of file descriptors say, that costs the client and not the process.
    server.on('error', (error: NodeJS.ErrnoException) => reject(new ListenError(listenProblem(where, error))));
    server.once('listening', resolve);
    listen();
  });
}

function listenProblem(where: string, { code = '', message }: NodeJS.ErrnoException): string {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another process listens there already',
    EADDRNOTAVAIL: 'this host has no such address',
    EACCES: 'this user may not',
    EPERM: 'this user may not',
    ENOTFOUND: 'that host name is not known',
    EINVAL: 'the path is longer than a socket may have (about 100 characters)',
  };
  return `sonde cannot listen on ${where}: ${reasons[code] ?? message}.`;
}

async function closeServer(server: Server, { clock }: Pick<System, 'clock'>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const grace = clock.after(closeGraceMs, () => server.closeAllConnections());
  await closed;
  grace.cancel();
}

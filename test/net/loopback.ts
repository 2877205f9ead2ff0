import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { createDeadline, type Deadline } from '../../src/net/deadline.ts';
import type { HttpClient, HttpRequest } from '../../src/net/http.ts';
import { createHttpClient } from '../../src/net/http-client.ts';
import { createBudget, Permit } from '../../src/net/limiter.ts';
import { createResolver, type Resolver } from '../../src/net/resolve.ts';
import { createVirtualSystem, type VirtualSystem } from '../support/virtual-system.ts';

/** Listens on a free port of loopback; after the test the server and all its connections are gone. */
export async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Whether this machine has IPv6 on loopback. */
export async function hasLoopbackIp6(): Promise<boolean> {
  const server = createServer();
  server.listen(0, '::1');
  return Promise.race([
    once(server, 'listening').then(() => {
      server.close();
      return true;
    }),
    once(server, 'error').then(() => false),
  ]).catch(() => false);
}

export async function heldPermit(system: VirtualSystem): Promise<Permit> {
  const budget = createBudget(system.clock, { name: 'test', ratePerSecond: 1, burst: 1, reserveForTokens: 0 });
  const grant = await budget.acquire();
  if (!(grant instanceof Permit)) throw new Error('the test budget gave no permit');
  return grant;
}

/** A client on virtual time: a request can wait for as long as it likes without any time going by. */
export interface ClientWorld {
  readonly system: VirtualSystem;
  readonly client: HttpClient;
  readonly deadline: Deadline;
  /** Sends a GET with a permit of its own and a bound of 1000 bytes. */
  ask(url: string, request?: Partial<HttpRequest>): ReturnType<HttpClient['exchange']>;
}

export function createClientWorld(resolver?: Resolver, timeoutMs = 5000, cancelled?: AbortSignal): ClientWorld {
  const system = createVirtualSystem();
  const client = createHttpClient(system, resolver ?? createResolver(system));
  const deadline = createDeadline(system.clock, timeoutMs, cancelled);
  onTestFinished(() => client.close());
  return {
    system,
    client,
    deadline,
    ask: async (url, request = {}) =>
      client.exchange(
        await heldPermit(system),
        { url: new URL(url), method: 'GET', headers: {}, maxBodyBytes: 1000, ...request },
        deadline,
      ),
  };
}

/** A port of loopback on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

import { getEventListeners } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createPlainServer, type Socket } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createResolver, type Resolver } from '../../src/net/resolve.ts';
import { startFakeDns } from '../support/fake-dns.ts';
import { createVirtualSystem, settle } from '../support/virtual-system.ts';
import { type ClientWorld, createClientWorld, heldPermit, listen } from './loopback.ts';

describe('an HTTP client', () => {
  it('spends its permit, and throws when that was spent before', async () => {
    const { client, system, deadline } = createClientWorld();
    const port = await listen(createServer((_, response) => response.end()));
    const request = { url: new URL(`http://127.0.0.1:${port}/`), method: 'GET', headers: {}, maxBodyBytes: 10 };
    const permit = await heldPermit(system);
    await client.exchange(permit, request, deadline);
    await expect(client.exchange(permit, request, deadline)).rejects.toThrow(/used after it was spent/);
  });

  it('leaves no listener on the signal of a deadline and no timer, whatever came of the exchange', async () => {
    const { ask, client, deadline, system } = createClientWorld();
    const port = await listen(createServer((_, response) => response.end('hello')));
    for (const url of [`http://127.0.0.1:${port}/`, `http://localhost:${port}/`, `https://127.0.0.1:${port}/`])
      for (const reuse of [true, false]) await ask(url, { connection: { reuse } });
    expect(getEventListeners(deadline.signal, 'abort')).toHaveLength(0);
    deadline.close();
    await client.close();
    expect(system.clock.pending()).toBe(0);
  });

  it('throws what is a bug and not the network', async () => {
    const resolver = { resolve: () => Promise.reject(new TypeError('x is not a function')) };
    await expect(createClientWorld(resolver).ask('http://api.example/')).rejects.toThrow(TypeError);
  });
});

describe('a compressed body', () => {
  const askServer = async (answer: RequestListener) => {
    const port = await listen(createServer(answer));
    return createClientWorld().ask(`http://127.0.0.1:${port}/`);
  };
  const text = 'hello '.repeat(50);

  it('is decompressed; its length on the wire is told', async () => {
    const coded = brotliCompressSync(gzipSync(text));
    const exchange = await askServer((_, response) => {
      response.setHeader('content-encoding', 'gzip, br');
      response.end(coded);
    });
    expect(String(exchange.response?.body)).toBe(text);
    expect(exchange.response?.wireBytes).toBe(coded.length);
    expect(exchange.failure).toBeUndefined();
  });

  it('that is a bomb stops at the bound', async () => {
    const exchange = await askServer((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync('x'.repeat(100_000)));
    });
    expect(exchange.failure).toMatchObject({ phase: 'transfer', code: 'BODY_TOO_LARGE' });
    expect(exchange.response).toMatchObject({ status: 200, headers: { 'content-encoding': 'gzip' } });
    expect(exchange.response?.body).toHaveLength(0);
  });

  it('that is none is a failure with the headers', async () => {
    const exchange = await askServer((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end('<html>');
    });
    expect(exchange.failure).toMatchObject({ phase: 'transfer', code: 'DECOMPRESSION_FAILED' });
    expect(exchange.response).toMatchObject({ status: 200, wireBytes: 6 });
  });

  it('that was cut off tells that, not that it cannot be decompressed', async () => {
    const exchange = await askServer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': '1000' });
      response.write(gzipSync(text).subarray(0, 10), () => response.socket?.destroy());
    });
    expect(exchange.failure).toMatchObject({ phase: 'transfer', code: 'ECONNRESET' });
    expect(exchange.response?.body).toHaveLength(0);
  });
});

interface Stall {
  readonly phase: string;
  readonly url: string;
  readonly proxy?: string;
  readonly resolver?: Resolver;
  readonly body?: string;
  /** Resolves when the stall has begun. */
  readonly begun: Promise<void>;
}

/** Servers that stop to answer in one phase each, on virtual time. */
async function stall(phase: string): Promise<Stall> {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const start = () => setImmediate(resolve);
  const serve = async (answer: (socket: Socket) => void) => listen(createPlainServer(answer));
  if (phase === 'resolve') {
    const dns = await startFakeDns({ 'api.example': 'silence' });
    const slow = createResolver(createVirtualSystem(), { servers: [dns.server] });
    const resolver: Resolver = {
      resolve(host, options) {
        start();
        return slow.resolve(host, options);
      },
    };
    return { phase, url: 'http://api.example/', resolver, begun };
  }
  if (phase === 'connect') {
    const port = await serve((socket) => socket.once('data', start));
    return { phase, url: 'https://api.example/', proxy: `http://127.0.0.1:${port}`, begun };
  }
  if (phase === 'tls') {
    const port = await serve((socket) => socket.once('data', start));
    return { phase, url: `https://127.0.0.1:${port}/`, begun };
  }
  if (phase === 'request') {
    const port = await serve((socket) =>
      socket.once('data', () => {
        socket.pause();
        start();
      }),
    );
    return { phase, url: `http://127.0.0.1:${port}/`, body: 'x'.repeat(20_000_000), begun };
  }
  if (phase === 'wait') {
    const port = await serve((socket) => socket.once('data', start));
    return { phase, url: `http://127.0.0.1:${port}/`, begun };
  }
  const port = await serve((socket) =>
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello', start)),
  );
  return { phase, url: `http://127.0.0.1:${port}/`, begun };
}

describe('a deadline on virtual time', () => {
  /** Waits until the exchange is in the phase, which takes the event loop some turns and no virtual time. */
  const reach = async ({ begun }: Stall, { system }: ClientWorld) => {
    await begun;
    for (let turn = 0; turn < 10; turn++) await settle();
    await system.clock.advance(100);
  };

  it.each(['resolve', 'connect', 'tls', 'request', 'wait', 'transfer'])('ends a stall in %s', async (phase) => {
    const stalled = await stall(phase);
    const { url, proxy, resolver, body } = stalled;
    const world = createClientWorld(resolver, 1000);
    const asking = world.ask(url, {
      method: body ? 'POST' : 'GET',
      ...(body && { body }),
      ...(proxy && { connection: { proxy: new URL(proxy) } }),
    });
    await reach(stalled, world);
    await world.system.clock.advance(900);
    const { failure, phases, response } = await asking;
    const whose = proxy ? { proxy: new URL(proxy).host } : {};
    expect(failure).toEqual({ phase, code: 'TIMEOUT', message: 'no whole answer within 1000 ms', ...whose });
    expect(Object.keys(phases).at(-1)).toBe(phase);
    expect(response?.status).toBe(phase === 'transfer' ? 200 : undefined);
    expect(world.system.clock.pending()).toBe(0);
  });

  it('that has passed before lets nothing begin', async () => {
    const world = createClientWorld(undefined, 10);
    await world.system.clock.advance(10);
    const exchange = await world.ask('http://127.0.0.1:1/');
    expect(exchange.failure?.code).toBe('TIMEOUT');
  });

  it('is told apart from a stop by ourselves', async () => {
    const stop = new AbortController();
    const { url, begun } = await stall('wait');
    const asking = createClientWorld(undefined, 1000, stop.signal).ask(url);
    await begun;
    stop.abort(new Error('the process ends'));
    expect((await asking).failure).toEqual({ phase: 'wait', code: 'CANCELLED', message: 'the run was stopped' });
  });
});

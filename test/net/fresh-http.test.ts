import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createPlainServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../src/net/http.ts';
import { createClientWorld, freePort, hasLoopbackIp6, listen } from './loopback.ts';

const hasIp6 = await hasLoopbackIp6();

async function askServer(answer: RequestListener, request?: Partial<HttpRequest>, path = '/') {
  const port = await listen(createServer(answer));
  return createClientWorld().ask(`http://127.0.0.1:${port}${path}`, request);
}

/** Asks a server that does not know HTTP: it gets the socket once the request has come. */
async function askSocket(answer: (socket: Socket) => void, request?: Partial<HttpRequest>) {
  const port = await listen(createPlainServer((socket) => socket.once('data', () => answer(socket))));
  return createClientWorld().ask(`http://127.0.0.1:${port}/`, request);
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming) text += chunk;
  return text;
}

describe('an exchange over a fresh connection', () => {
  it('tells the whole answer, who gave it, and no failure', async () => {
    const exchange = await askServer((_, response) => {
      response.writeHead(201, { 'content-type': 'text/plain', 'X-Twice': ['a', 'b'], 'set-cookie': ['c=1', 'd=2'] });
      response.end('hello');
    });
    expect(exchange).toMatchObject({
      address: '127.0.0.1',
      ipVersion: 4,
      response: {
        status: 201,
        httpVersion: '1.1',
        headers: { 'content-type': 'text/plain', 'x-twice': 'a, b', 'set-cookie': 'c=1, d=2' },
        body: Buffer.from('hello'),
        wireBytes: 5,
      },
    });
    expect(exchange.failure).toBeUndefined();
    expect(exchange.tls).toBeUndefined();
  });

  it('goes through all phases but tls, each as long as it took', async () => {
    const { ask, system } = createClientWorld();
    const server = createServer(async (_, response) => {
      await system.clock.advance(120);
      response.writeHead(200, { 'content-length': 5 });
      response.write('he');
      await system.clock.advance(30);
      response.end('llo');
    });
    const port = await listen(server);
    const { phases, response } = await ask(`http://127.0.0.1:${port}/`);
    expect(phases).toEqual({ resolve: 0, connect: 0, request: 0, wait: 120, transfer: 30 });
    expect(String(response?.body)).toBe('hello');
  });

  it('sends method, target, headers and body', async () => {
    const exchange = await askServer(
      async (request, response) => {
        const { method, url, headers } = request;
        response.end(JSON.stringify({ method, url, headers, body: await bodyOf(request) }));
      },
      { method: 'DELETE', headers: { 'x-own': '1' }, body: 'ä' },
      '/a?b=c',
    );
    expect(JSON.parse(String(exchange.response?.body))).toEqual({
      method: 'DELETE',
      url: '/a?b=c',
      headers: {
        host: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        'accept-encoding': 'gzip, deflate, br, zstd',
        'content-length': '2',
        'x-own': '1',
        connection: 'close',
      },
      body: 'ä',
    });
  });

  it('says that a POST without a body is empty', async () => {
    const exchange = await askServer((request, response) => response.end(request.headers['content-length']), {
      method: 'POST',
    });
    expect(String(exchange.response?.body)).toBe('0');
  });

  it('resolves names', async () => {
    const port = await listen(createServer((request, response) => response.end(request.headers.host)));
    const exchange = await createClientWorld().ask(`http://localhost:${port}/`);
    expect(String(exchange.response?.body)).toBe(`localhost:${port}`);
  });

  it.runIf(hasIp6)('reaches IPv6', async () => {
    const port = await listen(
      createServer((request, response) => response.end(request.headers.host)),
      '::1',
    );
    const exchange = await createClientWorld().ask(`http://[::1]:${port}/`);
    expect(exchange).toMatchObject({ address: '::1', ipVersion: 6 });
    expect(String(exchange.response?.body)).toBe(`[::1]:${port}`);
  });

  it.each([
    ['HEAD', 200, { 'content-length': '5' }],
    ['GET', 204, {}],
    ['GET', 304, { 'content-length': '5' }],
  ])('expects no body of %s with %i', async (method, status, headers) => {
    const exchange = await askServer((_, response) => response.writeHead(status, headers).end(), { method });
    expect(exchange.failure).toBeUndefined();
    expect(exchange.response).toMatchObject({ status, wireBytes: 0, headers });
  });

  it('passes over informational answers', async () => {
    const exchange = await askServer((_, response) => {
      response.writeContinue();
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.end('well');
    });
    expect(exchange.response).toMatchObject({ status: 200, body: Buffer.from('well') });
    expect(exchange.response?.headers.link).toBeUndefined();
  });

  it('takes a switch of protocols that nobody asked for as an answer without a body', async () => {
    const exchange = await askSocket((socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\nhello'),
    );
    expect(exchange.response).toMatchObject({ status: 101, headers: { upgrade: 'chat' }, wireBytes: 0 });
  });

  it('takes an opened tunnel as an answer without a body', async () => {
    const exchange = await askSocket((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nhello'), { method: 'CONNECT' });
    expect(exchange.response).toMatchObject({ status: 200, wireBytes: 0 });
  });

  it('reads HTTP/1.0, a body up to the end of the connection, and chunks', async () => {
    const old = await askSocket((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nto the end'));
    expect(old).toMatchObject({ response: { httpVersion: '1.0', body: Buffer.from('to the end') } });
    const chunked = await askSocket((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'),
    );
    expect(chunked).toMatchObject({ response: { body: Buffer.from('abcde'), wireBytes: 5 } });
  });

  it('is content with an answer that comes before the request was read', async () => {
    const port = await listen(
      createPlainServer((socket) => {
        socket.pause();
        socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n');
      }),
    );
    const body = 'x'.repeat(20_000_000);
    const exchange = await createClientWorld().ask(`http://127.0.0.1:${port}/`, { method: 'POST', body });
    expect(exchange.response?.status).toBe(413);
    expect(Object.keys(exchange.phases)).toEqual(['resolve', 'connect', 'request', 'wait', 'transfer']);
  });

  it('closes its connection, though the server would keep it', async () => {
    const closed = Promise.withResolvers<void>();
    const port = await listen(
      createPlainServer((socket) => {
        socket.once('close', () => closed.resolve());
        socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
      }),
    );
    await createClientWorld().ask(`http://127.0.0.1:${port}/`);
    await closed.promise;
  });
});

describe('an exchange that breaks', () => {
  it('tells that nobody listens, with the phases up to there', async () => {
    const exchange = await createClientWorld().ask(`http://127.0.0.1:${await freePort()}/`);
    expect(exchange.failure).toMatchObject({ phase: 'connect', code: 'ECONNREFUSED' });
    expect(Object.keys(exchange.phases)).toEqual(['resolve', 'connect']);
    expect(exchange.response).toBeUndefined();
  });

  it('tells a name that does not exist', async () => {
    const resolver = {
      resolve: () => Promise.reject(Object.assign(new Error('the name x does not exist'), { code: 'ENOTFOUND' })),
    };
    const exchange = await createClientWorld(resolver).ask('http://x/');
    expect(exchange).toEqual({
      phases: { resolve: 0 },
      uncertaintyMs: 0,
      failure: { phase: 'resolve', code: 'ENOTFOUND', message: 'the name x does not exist' },
    });
  });

  it.each([
    ['closed', (socket: Socket) => socket.end()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
    ['closed within the headers', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nDate: ')],
  ])('tells that the connection was %s before the answer', async (_, end) => {
    const exchange = await askSocket(end);
    expect(exchange.failure).toMatchObject({ phase: 'wait', code: 'ECONNRESET' });
    expect(exchange.response).toBeUndefined();
    expect(exchange.address).toBe('127.0.0.1');
  });

  it.each([
    ['closed', (socket: Socket) => socket.end()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('keeps the headers and what came of a body that was cut off as the connection was %s', async (_, end) => {
    const exchange = await askSocket((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
      setImmediate(() => end(socket));
    });
    expect(exchange.failure).toMatchObject({ phase: 'transfer', code: 'ECONNRESET' });
    expect(exchange.response).toMatchObject({ status: 200, body: Buffer.from('hello'), wireBytes: 5 });
  });

  it('tells that chunks ended before the last one', async () => {
    const exchange = await askSocket((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'),
    );
    expect(exchange.failure).toMatchObject({ phase: 'transfer', code: 'ECONNRESET' });
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'wait'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na', 'wait'],
    ['a bad chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'transfer'],
    ['endless headers', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}`, 'wait'],
  ])('tells %s by the parse error', async (_, answer, phase) => {
    const exchange = await askSocket((socket) => socket.write(answer));
    expect(exchange.failure).toMatchObject({ phase, code: expect.stringMatching(/^HPE_/) });
  });

  it('stops at the bound of the body and keeps what fits', async () => {
    const exchange = await askServer((_, response) => response.end('x'.repeat(1001)));
    expect(exchange.failure).toEqual({
      phase: 'transfer',
      code: 'BODY_TOO_LARGE',
      message: 'the body is larger than 1000 bytes',
    });
    expect(exchange.response).toMatchObject({ status: 200, body: Buffer.alloc(1000, 'x') });
  });

  it('stops an endless body at the bound and closes the connection', async () => {
    const closed = Promise.withResolvers<void>();
    const exchange = await askServer((_, response) => {
      const pump = () => {
        if (!response.destroyed) response.write('x'.repeat(1000), () => setImmediate(pump));
      };
      response.once('close', () => closed.resolve());
      pump();
    });
    expect(exchange.failure?.code).toBe('BODY_TOO_LARGE');
    await closed.promise;
  });

  it('tells a header that HTTP cannot carry, and leaves no connection behind', async () => {
    const closed = Promise.withResolvers<void>();
    const port = await listen(createPlainServer((socket) => socket.once('close', () => closed.resolve()).resume()));
    const exchange = await createClientWorld().ask(`http://127.0.0.1:${port}/`, { headers: { 'x-own': 'a\nb' } });
    expect(exchange.failure).toMatchObject({ phase: 'request', code: 'ERR_INVALID_CHAR' });
    await closed.promise;
  });
});

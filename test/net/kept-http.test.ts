import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createPlainServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createTestAuthority } from '../support/certificates.ts';
import { createClientWorld, freePort, listen } from './loopback.ts';

const authority = await createTestAuthority();
const leaf = await authority.issue();
const reuse = { connection: { reuse: true } };

async function startServer(answer: RequestListener, create: (answer: RequestListener) => Server = createServer) {
  const server = create(answer);
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  return { url: `http://127.0.0.1:${await listen(server)}/`, sockets };
}

describe('kept connections', () => {
  it('show how they were made on the first request, and on the next that this took no time', async () => {
    const { ask, system } = createClientWorld();
    const { url, sockets } = await startServer(async (request, response) => {
      if (request.method === 'POST') await system.clock.advance(40);
      response.end('hello');
    });
    const first = await ask(url, { method: 'POST', body: 'x', ...reuse });
    expect(first).toMatchObject({ address: '127.0.0.1', response: { status: 200, httpVersion: '1.1' } });
    expect(first.phases).toEqual({ resolve: 0, connect: 0, request: 0, wait: 40, transfer: 0 });

    const second = await ask(url, reuse);
    expect(Object.keys(second.phases)).toEqual(['request', 'wait', 'transfer']);
    expect(second).toMatchObject({ address: '127.0.0.1', ipVersion: 4, response: { body: Buffer.from('hello') } });
    expect(sockets).toHaveLength(1);
  });

  it('know the certificates on each request', async () => {
    const server = createSecureServer({ cert: leaf.certificate, key: leaf.key }, (_, response) =>
      response.end('hello'),
    );
    const port = await listen(server);
    const { ask } = createClientWorld();
    const connection = { reuse: true, ca: authority.certificate };
    const first = await ask(`https://localhost:${port}/`, { connection });
    const second = await ask(`https://localhost:${port}/`, { connection });
    expect(Object.keys(first.phases)).toEqual(['resolve', 'connect', 'tls', 'request', 'wait', 'transfer']);
    expect(second.phases.tls).toBeUndefined();
    expect(second.tls).toEqual(first.tls);
    expect(second.tls?.chain[0]?.subject).toBe('CN=localhost');
  });

  it('serve one exchange at a time', async () => {
    const { ask } = createClientWorld();
    const both = Promise.withResolvers<void>();
    let waiting = 0;
    const { url, sockets } = await startServer(async (_, response) => {
      waiting += 1;
      if (waiting === 2) both.resolve();
      await both.promise;
      response.end();
    });
    await Promise.all([ask(url, reuse), ask(url, reuse)]);
    expect(sockets).toHaveLength(2);
    await Promise.all([ask(url, reuse), ask(url, reuse)]);
    expect(sockets).toHaveLength(2);
  });

  it('are not shared between different options', async () => {
    const { ask } = createClientWorld();
    const { url, sockets } = await startServer((_, response) => response.end());
    await ask(url, reuse);
    await ask(url, { connection: { reuse: true, prefer: 'ip4' } });
    await ask(url);
    expect(sockets).toHaveLength(3);
  });

  it('are made anew when the server has closed them', async () => {
    const { ask } = createClientWorld();
    const { url, sockets } = await startServer((request, response) => {
      response.setHeader('connection', request.url === '/last' ? 'close' : 'keep-alive');
      response.end();
    });
    await ask(url, reuse);
    await ask(new URL('/last', url).href, reuse);
    const third = await ask(url, reuse);
    expect(Object.keys(third.phases)).toContain('connect');
    expect(third.failure).toBeUndefined();
    expect(sockets).toHaveLength(2);
  });

  it('bring nothing again that broke on a kept connection', async () => {
    const { ask } = createClientWorld();
    let asked = 0;
    const { url } = await startServer((request, response) => {
      asked += 1;
      if (asked === 2) request.socket.resetAndDestroy();
      else response.end();
    });
    await ask(url, reuse);
    expect((await ask(url, reuse)).failure).toMatchObject({ phase: 'wait', code: 'ECONNRESET' });
    expect(asked).toBe(2);
    expect((await ask(url, reuse)).response?.status).toBe(200);
  });

  it('send method, headers and body, and join repeated headers of the answer', async () => {
    const { url } = await startServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.setHeader('x-twice', ['a', 'b']);
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(JSON.stringify({ method: request.method, headers: request.headers, body })));
    });
    const { response } = await createClientWorld().ask(url, {
      method: 'PUT',
      headers: { 'x-own': '1' },
      body: 'ä',
      ...reuse,
    });
    expect(response?.headers['x-twice']).toBe('a, b');
    expect(JSON.parse(String(response?.body))).toMatchObject({
      method: 'PUT',
      headers: { host: new URL(url).host, 'content-length': '2', 'x-own': '1', connection: 'keep-alive' },
      body: 'ä',
    });
  });

  it('pass over early hints', async () => {
    const { url } = await startServer((_, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.end('well');
    });
    const { response } = await createClientWorld().ask(url, reuse);
    expect(response).toMatchObject({ status: 200, body: Buffer.from('well') });
  });

  it('go through a proxy', async () => {
    const { url } = await startServer((request, response) => response.end(request.url));
    const connection = { reuse: true, proxy: new URL(url) };
    const { ask } = createClientWorld();
    for (let turn = 0; turn < 2; turn++)
      expect(String((await ask('http://api.example/path', { connection })).response?.body)).toBe(
        'http://api.example/path',
      );
  });

  it('are not used again when the server has closed them, though it did not say so', async () => {
    const answer = 'HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n';
    let connections = 0;
    const port = await listen(
      createPlainServer((socket) => {
        connections += 1;
        socket.once('data', () => socket.end(answer));
      }),
    );
    const { ask } = createClientWorld();
    for (let hop = 0; hop < 5; hop++) {
      const exchange = await ask(`http://127.0.0.1:${port}/`, reuse);
      expect(exchange.failure).toBeUndefined();
    }
    expect(connections).toBe(5);
  });

  it('are not used again after an answer that nobody asked for', async () => {
    const stray = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray';
    const sent = Promise.withResolvers<void>();
    const port = await listen(
      createPlainServer((socket) =>
        socket.once('data', () =>
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', () =>
            setImmediate(() => socket.write(stray, () => sent.resolve())),
          ),
        ),
      ),
    );
    const { ask } = createClientWorld();
    await ask(`http://127.0.0.1:${port}/`, reuse);
    await sent.promise;
    const second = await ask(`http://127.0.0.1:${port}/`, reuse);
    expect(second.phases.connect).toBeDefined();
    expect(String(second.response?.body)).toBe('ok');
  });

  it('are not used again when the answer came before the whole request was sent', async () => {
    const { ask } = createClientWorld();
    const { url, sockets } = await startServer((_, response) => response.end('too large'));
    const first = await ask(url, { method: 'POST', body: 'x'.repeat(20_000_000), ...reuse });
    expect(String(first.response?.body)).toBe('too large');
    expect((await ask(url, reuse)).response?.status).toBe(200);
    expect(sockets).toHaveLength(2);
  });

  it.each([
    ['as long as the server says, less a second', 'timeout=5, max=100', 4000],
    ['ten minutes at most', 'timeout=86400', 600_000],
    ['ten minutes when the server says nothing', 'max=100', 600_000],
  ])('rest %s', async (_, keepAlive, restMs) => {
    const { ask, system } = createClientWorld(undefined, 3 * restMs);
    const { url, sockets } = await startServer((_request, response) => {
      response.setHeader('connection', 'keep-alive');
      response.setHeader('keep-alive', keepAlive);
      response.end();
    });
    await ask(url, reuse);
    await system.clock.advance(restMs - 1);
    expect((await ask(url, reuse)).failure).toBeUndefined();
    expect(sockets).toHaveLength(1);
    const closed = once(sockets[0] as Socket, 'close');
    await system.clock.advance(restMs);
    await closed;
    await ask(url, reuse);
    expect(sockets).toHaveLength(2);
  });

  it('rest not at all when the server lets them rest for no more than a second', async () => {
    const { ask } = createClientWorld();
    const { url, sockets } = await startServer((_, response) => {
      response.setHeader('connection', 'keep-alive');
      response.setHeader('keep-alive', 'timeout=1');
      response.end();
    });
    await ask(url, reuse);
    await ask(url, reuse);
    expect(sockets).toHaveLength(2);
  });

  it('are closed with the client only when their exchange has ended', async () => {
    const { ask, client } = createClientWorld();
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { url, sockets } = await startServer(async (_, response) => {
      asked.resolve();
      await answer.promise;
      response.end('whole');
    });
    const asking = ask(url, reuse);
    await asked.promise;
    const closed = once(sockets[0] as Socket, 'close');
    const closing = client.close();
    answer.resolve();
    expect(String((await asking).response?.body)).toBe('whole');
    await closing;
    await closed;
  });

  it('close with the client, after which a new one can be made', async () => {
    const { ask, client } = createClientWorld();
    const { url, sockets } = await startServer((_, response) => response.end());
    await ask(url, reuse);
    const closed = new Promise((resolve) => sockets[0]?.once('close', resolve));
    await client.close();
    await closed;
    expect(Object.keys((await ask(url, reuse)).phases)).toContain('connect');
  });
});

describe('an exchange over a kept connection that breaks', () => {
  const askSocket = async (answer: (socket: Socket) => void) => {
    const port = await listen(createPlainServer((socket) => socket.once('data', () => answer(socket))));
    return createClientWorld().ask(`http://127.0.0.1:${port}/`, reuse);
  };

  it('tells that nobody listens', async () => {
    const exchange = await createClientWorld().ask(`http://127.0.0.1:${await freePort()}/`, reuse);
    expect(exchange.failure).toMatchObject({ phase: 'connect', code: 'ECONNREFUSED' });
    expect(Object.keys(exchange.phases)).toEqual(['resolve', 'connect']);
  });

  it.each([
    ['a close before the answer', 'wait', 'ECONNRESET', (socket: Socket) => socket.end()],
    [
      'a body that is cut off',
      'transfer',
      'ECONNRESET',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'),
    ],
    [
      'headers without end',
      'wait',
      'HPE_HEADER_OVERFLOW',
      (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}`),
    ],
    [
      'a body beyond the bound',
      'transfer',
      'BODY_TOO_LARGE',
      (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n${'x'.repeat(1500)}`),
    ],
  ])('tells %s', async (_, phase, code, answer) => {
    const exchange = await askSocket(answer);
    expect(exchange.failure).toMatchObject({ phase, code });
    expect(exchange.response?.status).toBe(phase === 'transfer' ? 200 : undefined);
  });

  it('tells another protocol by the parse error', async () => {
    const exchange = await askSocket((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'));
    expect(exchange.failure).toMatchObject({ phase: 'wait', code: expect.stringMatching(/^HPE_/) });
  });

  it('ends at its deadline on virtual time and destroys its connection', async () => {
    const { ask, system } = createClientWorld(undefined, 1000);
    const [asked, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { url } = await startServer((request) => {
      request.socket.once('close', () => closed.resolve());
      asked.resolve();
    });
    const asking = ask(url, reuse);
    await asked.promise;
    await system.clock.advance(1000);
    expect((await asking).failure).toMatchObject({ phase: 'wait', code: 'TIMEOUT' });
    await closed.promise;
  });

  it('ends at its deadline while it connects', async () => {
    const asked = Promise.withResolvers<void>();
    const port = await listen(createPlainServer((socket) => socket.once('data', () => asked.resolve())));
    const { ask, system } = createClientWorld(undefined, 1000);
    const asking = ask(`https://127.0.0.1:${port}/`, reuse);
    await asked.promise;
    await system.clock.advance(1000);
    expect((await asking).failure).toMatchObject({ phase: 'tls', code: 'TIMEOUT' });
  });
});

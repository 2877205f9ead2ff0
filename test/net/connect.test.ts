import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import { connect, createServer as createPlainServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { ConnectionOptions } from '../../src/net/http.ts';
import { createTestAuthority, daysFromNow } from '../support/certificates.ts';
import { createClientWorld, freePort, listen } from './loopback.ts';

const authority = await createTestAuthority();
const leaf = await authority.issue();
const served = { cert: leaf.certificate, key: leaf.key };
const ca = authority.certificate;

async function askSecurely(options: ServerOptions, connection: ConnectionOptions, host = 'localhost') {
  const server = createSecureServer(options, (_, response) => response.end('secret hello'));
  const port = await listen(server);
  return createClientWorld().ask(`https://${host}:${port}/`, { connection });
}

/** A real proxy: it opens tunnels, and asks `http:` targets itself. */
async function startProxy() {
  const requests: { method: string; target: string; headers: IncomingHttpHeaders }[] = [];
  const proxy = createServer((request, response) => {
    requests.push({ method: String(request.method), target: String(request.url), headers: request.headers });
    response.end('by proxy');
  });
  proxy.on('connect', (request, socket, head) => {
    requests.push({ method: String(request.method), target: String(request.url), headers: request.headers });
    const { hostname, port } = new URL(`http://${request.url}`);
    const onward = connect({ host: hostname, port: Number(port) }, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) end.on('error', () => onward.destroy());
  });
  return { requests, port: await listen(proxy) };
}

describe('an exchange over TLS', () => {
  it('goes through all phases and tells what the handshake settled', async () => {
    const exchange = await askSecurely(served, { ca });
    expect(exchange.failure).toBeUndefined();
    expect(String(exchange.response?.body)).toBe('secret hello');
    expect(Object.keys(exchange.phases)).toEqual(['resolve', 'connect', 'tls', 'request', 'wait', 'transfer']);
    expect(exchange).toMatchObject({
      ipVersion: 4,
      tls: { protocol: 'TLSv1.3', chain: [{ subject: 'CN=localhost' }, {}] },
    });
  });

  it('keeps what a certificate that has expired says', async () => {
    const expired = await authority.issue({ notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) });
    const exchange = await askSecurely({ cert: expired.certificate, key: expired.key }, { ca });
    expect(exchange.failure).toEqual({ phase: 'tls', code: 'CERT_HAS_EXPIRED', message: 'TLS: cert has expired' });
    expect(exchange.tls?.chain[0]?.notAfterMs).toBeLessThan(Date.now());
    expect(exchange).toMatchObject({ ipVersion: 4 });
    expect(exchange.response).toBeUndefined();
    expect(Object.keys(exchange.phases)).toEqual(['resolve', 'connect', 'tls']);
  });

  it('holds another name against the certificate when it is told one', async () => {
    const other = await authority.issue({ commonName: 'other', dnsNames: ['other.example'] });
    const options = { cert: other.certificate, key: other.key };
    expect((await askSecurely(options, { ca })).failure?.code).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect((await askSecurely(options, { ca, serverName: 'other.example' })).response?.status).toBe(200);
  });

  it('accepts a certificate for the IP address', async () => {
    expect((await askSecurely(served, { ca }, '127.0.0.1')).response?.status).toBe(200);
  });

  it('tells a demand for a client certificate, which TLS 1.3 makes only after the handshake', async () => {
    const demanding = { ...served, ca, requestCert: true, rejectUnauthorized: true };
    const without = await askSecurely(demanding, { ca });
    expect(without.failure).toMatchObject({
      phase: 'wait',
      code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      message: 'TLS: tlsv13 alert certificate required',
    });
    expect(without.tls?.protocol).toBe('TLSv1.3');

    const own = await authority.issue({ isClient: true });
    const identity = { clientCertificate: own.certificate, clientKey: own.key };
    expect((await askSecurely(demanding, { ca, ...identity })).response?.status).toBe(200);
  });

  it('tells a client certificate that is none before it contacts anybody', async () => {
    const exchange = await createClientWorld().ask('https://api.example/', {
      connection: { clientCertificate: 'nonsense', clientKey: 'nonsense' },
    });
    expect(exchange.failure).toMatchObject({ phase: 'tls', code: expect.stringMatching(/^ERR_OSSL_/) });
    expect(exchange.phases).toEqual({});
  });

  it('tells a server that speaks plain HTTP', async () => {
    const port = await listen(createServer());
    const exchange = await createClientWorld().ask(`https://localhost:${port}/`, { connection: { ca } });
    expect(exchange.failure).toMatchObject({ phase: 'tls', code: expect.stringMatching(/^ERR_SSL_/) });
  });

  it('destroys the socket of a handshake that failed', async () => {
    const closed = Promise.withResolvers<void>();
    const server = createSecureServer(served);
    server.on('connection', (socket) => socket.once('close', () => closed.resolve()));
    const port = await listen(server);
    await createClientWorld().ask(`https://other.localhost:${port}/`, { connection: { ca } });
    await closed.promise;
  });
});

describe('an exchange through a proxy', () => {
  it('gives the proxy the whole request for an http: target', async () => {
    const { requests, port } = await startProxy();
    const exchange = await createClientWorld().ask('http://api.example/path?q', {
      connection: { proxy: new URL(`http://user:pass@127.0.0.1:${port}`) },
    });
    expect(String(exchange.response?.body)).toBe('by proxy');
    expect(exchange.address).toBe('127.0.0.1');
    expect(requests).toMatchObject([
      {
        method: 'GET',
        target: 'http://api.example/path?q',
        headers: { host: 'api.example', 'proxy-authorization': 'Basic dXNlcjpwYXNz' },
      },
    ]);
  });

  it('reaches an https: target by a tunnel that the proxy cannot look into', async () => {
    const target = await listen(
      createSecureServer(served, (request, response) => response.end(JSON.stringify(request.headers))),
    );
    const { requests, port } = await startProxy();
    const exchange = await createClientWorld().ask(`https://localhost:${target}/`, {
      headers: { authorization: 'Bearer x' },
      connection: { ca, proxy: new URL(`http://user:pass@127.0.0.1:${port}`) },
    });
    expect(exchange.failure).toBeUndefined();
    expect(exchange.tls?.chain[0]?.subject).toBe('CN=localhost');
    expect(Object.keys(exchange.phases)).toEqual(['resolve', 'connect', 'tls', 'request', 'wait', 'transfer']);
    expect(requests).toMatchObject([{ method: 'CONNECT', target: `localhost:${target}` }]);
    expect(requests[0]?.headers['proxy-authorization']).toBe('Basic dXNlcjpwYXNz');
    expect(requests[0]?.headers.authorization).toBeUndefined();
    expect(JSON.parse(String(exchange.response?.body))['proxy-authorization']).toBeUndefined();
  });

  it('counts the time for the tunnel as time to connect', async () => {
    const target = await listen(createSecureServer(served, (_, response) => response.end()));
    const { ask, system } = createClientWorld();
    const proxy = createServer();
    proxy.on('connect', async (_, socket) => {
      await system.clock.advance(70);
      const onward = connect({ host: '127.0.0.1', port: target });
      await once(onward, 'connect');
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
      for (const end of [onward, socket]) end.on('error', () => onward.destroy());
    });
    const connection = { ca, proxy: new URL(`http://127.0.0.1:${await listen(proxy)}`) };
    const { phases } = await ask(`https://localhost:${target}/`, { connection });
    expect(phases).toEqual({ resolve: 0, connect: 70, tls: 0, request: 0, wait: 0, transfer: 0 });
  });

  it('tells that the proxy refused the tunnel, without its credentials, and closes the connection', async () => {
    const closed = Promise.withResolvers<void>();
    const port = await listen(
      createPlainServer((socket) => {
        socket.once('close', () => closed.resolve());
        socket.once('data', () => socket.write('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
      }),
    );
    const exchange = await createClientWorld().ask('https://api.example/', {
      connection: { proxy: new URL(`http://user:pass@127.0.0.1:${port}`) },
    });
    expect(exchange.failure).toEqual({
      phase: 'connect',
      code: 'PROXY_UNAUTHORIZED',
      message: 'it answered CONNECT with 407 Proxy Authentication Required',
      proxy: `127.0.0.1:${port}`,
    });
    await closed.promise;
  });

  it('says that it was the proxy that could not be reached', async () => {
    const port = await freePort();
    const exchange = await createClientWorld().ask('https://api.example/', {
      connection: { proxy: new URL(`http://127.0.0.1:${port}`) },
    });
    expect(exchange.failure).toEqual({
      phase: 'connect',
      code: 'ECONNREFUSED',
      message: `connect ECONNREFUSED 127.0.0.1:${port}`,
      proxy: `127.0.0.1:${port}`,
    });
  });

  it.each([
    ['closes the connection', '', /^ECONNRESET$/],
    ['speaks another protocol', 'SSH-2.0-server\r\n', /^HPE_/],
  ])('names a proxy that %s', async (_, answer, code) => {
    const port = await listen(createPlainServer((socket) => socket.once('data', () => socket.end(answer))));
    const exchange = await createClientWorld().ask('https://api.example/', {
      connection: { proxy: new URL(`http://127.0.0.1:${port}`) },
    });
    expect(exchange.failure).toMatchObject({
      phase: 'connect',
      code: expect.stringMatching(code),
      proxy: `127.0.0.1:${port}`,
    });
  });

  it.each([false, true])('does not name the proxy once the target is reached, kept %s', async (reuse) => {
    const { port } = await startProxy();
    const target = await listen(createServer());
    const exchange = await createClientWorld().ask(`https://localhost:${target}/`, {
      connection: { ca, reuse, proxy: new URL(`http://127.0.0.1:${port}`) },
    });
    expect(exchange.failure).toMatchObject({ phase: 'tls' });
    expect(exchange.failure).not.toHaveProperty('proxy');
  });

  it('refuses a proxy that is not plain http:', async () => {
    const exchange = await createClientWorld().ask('http://api.example/', {
      connection: { proxy: new URL('socks5://user:pass@127.0.0.1:1080') },
    });
    expect(exchange.failure).toEqual({
      phase: 'connect',
      code: 'PROXY_UNSUPPORTED',
      message: 'a proxy must be http://, not socks5://',
      proxy: '127.0.0.1:1080',
    });
  });
});

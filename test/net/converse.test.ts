import { createServer as createPlainServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../src/net/http.ts';
import { createTestAuthority } from '../support/certificates.ts';
import { createClientWorld, listen } from './loopback.ts';

const authority = await createTestAuthority();
const leaf = await authority.issue();

describe.each([
  ['a fresh', false],
  ['a kept', true],
])('over %s connection', (_, reuse) => {
  /** Asks a server that does not know HTTP: it gets the socket once the request has come. */
  const ask = async (answer: (socket: Socket) => void, request: Partial<HttpRequest> = {}) => {
    const port = await listen(createPlainServer((socket) => socket.once('data', () => answer(socket))));
    return createClientWorld().ask(`http://127.0.0.1:${port}/`, { connection: { reuse }, ...request });
  };
  const askText = (answer: string, request?: Partial<HttpRequest>) =>
    ask((socket) => void socket.write(answer, 'latin1'), request);
  /** Hands over a second part once the first one must have come. */
  const inTwoPackets = (first: string, second: string, request?: Partial<HttpRequest>) =>
    ask((socket) => socket.write(first, () => setImmediate(() => socket.write(second))), request);

  describe('an answer is not whole', () => {
    it('when a body that ends with the connection was cut off by a reset', async () => {
      const exchange = await ask((socket) =>
        socket.write('HTTP/1.1 200 OK\r\n\r\nhello', () => setImmediate(() => socket.resetAndDestroy())),
      );
      expect(exchange.failure).toMatchObject({ phase: 'transfer', code: 'ECONNRESET' });
      expect(exchange.response).toMatchObject({ status: 200, body: Buffer.from('hello') });
    });

    it('when the connection ended within the headers', async () => {
      const exchange = await ask((socket) => socket.end('HTTP/1.1 200 OK\r\nDate: '));
      expect(exchange.failure).toMatchObject({ phase: 'wait', code: 'ECONNRESET' });
    });

    it.each([
      ['two lengths', 'Content-Length: 2\r\nContent-Length: 3', 'HPE_UNEXPECTED_CONTENT_LENGTH'],
      ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked', 'HPE_INVALID_TRANSFER_ENCODING'],
      ['a length beyond all numbers', 'Content-Length: 99999999999999999999999', 'HPE_INVALID_CONTENT_LENGTH'],
      ['a negative length', 'Content-Length: -2', 'HPE_INVALID_CONTENT_LENGTH'],
      ['a length and then a broken header', 'Content-Length: 2\r\nX\u0000: 1', 'HPE_INVALID_HEADER_TOKEN'],
    ])('when its headers hold %s', async (_name, headers, code) => {
      const exchange = await askText(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\nhello`);
      expect(exchange.failure).toMatchObject({ phase: 'wait', code });
      expect(exchange.response).toBeUndefined();
    });
  });

  it('an answer that says to go on is waited beyond', async () => {
    const exchange = await askText(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    );
    expect(exchange.failure).toBeUndefined();
    expect(exchange.response).toMatchObject({ status: 200, body: Buffer.from('ok') });
  });

  it('a switch of protocols that nobody asked for is an answer without a body', async () => {
    const exchange = await askText(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\nhello',
    );
    expect(exchange.failure).toBeUndefined();
    expect(exchange.response).toMatchObject({ status: 101, headers: { upgrade: 'chat' }, wireBytes: 0 });
  });

  it('the version is that of the answer', async () => {
    const exchange = await ask((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nhello'));
    expect(exchange.response).toMatchObject({ httpVersion: '1.0', body: Buffer.from('hello') });
  });

  it('a header that HTTP cannot carry is told as of the request', async () => {
    const exchange = await askText('', { headers: { 'x-own': 'a\nb' } });
    expect(exchange.failure).toMatchObject({ phase: 'request', code: 'ERR_INVALID_CHAR' });
  });

  describe.each([
    [
      'in the same packet',
      (first: string, second: string, request?: Partial<HttpRequest>) => askText(first + second, request),
    ],
    ['in a packet of its own', inTwoPackets],
  ])('what comes %s after a whole answer', (_name, send) => {
    it.each<[string, string, string, string, number, string]>([
      ['a body of 204', 'GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', 'hello', 204, ''],
      ['a body of HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'hello', 200, ''],
      ['more than Content-Length', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'more', 200, 'hello'],
      [
        'more after the last one',
        'GET',
        'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
        'x',
        200,
        'ok',
      ],
      [
        'more after the last chunk',
        'GET',
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
        'x',
        200,
        'ok',
      ],
      ['a second answer', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'HTTP/1.1 500 X\r\n\r\n', 200, 'ok'],
    ])('is no part of it: %s', async (_what, method, answer, more, status, body) => {
      const exchange = await send(answer, more, { method });
      expect(exchange.failure).toBeUndefined();
      expect(exchange.response).toMatchObject({ status, body: Buffer.from(body) });
    });
  });

  it('an alert after the handshake of TLS 1.3 is told', async () => {
    const demanding = { cert: leaf.certificate, key: leaf.key, ca: authority.certificate, requestCert: true };
    const port = await listen(createTlsServer({ ...demanding, rejectUnauthorized: true }));
    const exchange = await createClientWorld().ask(`https://localhost:${port}/`, {
      connection: { reuse, ca: authority.certificate },
    });
    expect(exchange.failure).toMatchObject({ phase: 'wait', code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' });
  });
});

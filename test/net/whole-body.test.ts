import { createHash, randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createPlainServer } from 'node:net';
import { expect, it } from 'vitest';
import type { HttpRequest } from '../../src/net/http.ts';
import { createTestAuthority } from '../support/certificates.ts';
import { createClientWorld, listen } from './loopback.ts';

const authority = await createTestAuthority();
const leaf = await authority.issue();

/** Larger than every buffer on the way, and no multiple of any. */
const body = randomBytes(3_000_017);

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function expectWholeBody(url: string, request: Partial<HttpRequest> = {}) {
  const { response, failure } = await createClientWorld().ask(url, { maxBodyBytes: 4_000_000, ...request });
  expect(failure).toBeUndefined();
  expect(response?.wireBytes).toBe(body.length);
  expect(digest(response?.body ?? new Uint8Array())).toBe(digest(body));
}

const withLength: RequestListener = (_, response) => {
  response.setHeader('content-length', body.length);
  response.end(body);
};

/** In pieces, each of them after the one before has left. */
const inChunks: RequestListener = (_, response) => {
  let at = 0;
  const next = () => {
    const piece = body.subarray(at, at + 65_537);
    at += piece.length;
    if (piece.length === 0) response.end();
    else response.write(piece, next);
  };
  next();
};

const connections = [
  ['a fresh connection', {}],
  ['a kept connection', { reuse: true }],
] as const;

for (const [name, connection] of connections) {
  it.each([
    ['of a known length', withLength],
    ['in chunks', inChunks],
  ])(`a body %s is read to its end over ${name}`, async (_, answer) => {
    await expectWholeBody(`http://127.0.0.1:${await listen(createServer(answer))}/`, { connection });
  });

  it(`a body is read to its end over TLS and ${name}`, async () => {
    const port = await listen(createSecureServer({ cert: leaf.certificate, key: leaf.key }, inChunks));
    const trusting = { ...connection, ca: authority.certificate };
    await expectWholeBody(`https://localhost:${port}/`, { connection: trusting });
  });
}

it('a body that ends with its connection is read up to there', async () => {
  const server = createPlainServer((socket) =>
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.end(body);
    }),
  );
  await expectWholeBody(`http://127.0.0.1:${await listen(server)}/`);
});

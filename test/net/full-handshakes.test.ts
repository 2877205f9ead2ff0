import { once } from 'node:events';
import { createServer } from 'node:https';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import { createTestAuthority } from '../support/certificates.ts';
import { createClientWorld, listen } from './loopback.ts';

const authority = await createTestAuthority();
const leaf = await authority.issue();

/** A server that would take up sessions again, and tells of each connection whether it did. */
async function startServer(maxVersion: SecureVersion) {
  const server = createServer({ cert: leaf.certificate, key: leaf.key, maxVersion }, (_, response) =>
    response.end('hello'),
  );
  const resumed: boolean[] = [];
  server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()));
  return { port: await listen(server), resumed };
}

it.each(['TLSv1.2', 'TLSv1.3'] as const)('each run makes a connection and a full handshake by %s', async (version) => {
  const { port, resumed } = await startServer(version);
  const { ask } = createClientWorld();
  for (let run = 0; run < 5; run++) {
    const exchange = await ask(`https://localhost:${port}/`, { connection: { ca: authority.certificate } });
    expect(exchange).toMatchObject({ response: { status: 200 }, tls: { protocol: version } });
  }
  expect(resumed).toEqual([false, false, false, false, false]);
});

it('a client that kept its session would have been seen', async () => {
  const { port, resumed } = await startServer('TLSv1.2');
  let session: Buffer | undefined;
  for (let run = 0; run < 2; run++) {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.certificate, session });
    socket.once('session', (kept) => {
      session = kept;
    });
    socket.end('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n').resume();
    await once(socket, 'close');
  }
  expect(resumed).toEqual([false, true]);
});

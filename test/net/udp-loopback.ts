import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** Listens on a free UDP port of loopback until the test has ended; `answer` gets each datagram and a way back. */
export async function listenUdp(
  answer: (request: Buffer, reply: (bytes: Uint8Array) => void, askedFromPort: number) => void,
  host: '127.0.0.1' | '::1' = '127.0.0.1',
): Promise<number> {
  const socket = await bound(host);
  socket.on('message', (request, { port, address }) =>
    answer(request, (bytes) => socket.send(bytes, port, address), port),
  );
  onTestFinished(() => void socket.close());
  return socket.address().port;
}

/** A UDP port of loopback on which nobody listens. */
export async function freeUdpPort(): Promise<number> {
  const socket = await bound('127.0.0.1');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

async function bound(host: string): Promise<Socket> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  return socket;
}

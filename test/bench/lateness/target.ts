import { type AddressInfo, createServer } from 'node:net';
import type { Arrivals, TargetMessage } from './arrivals.ts';

// A target in a process of its own, which notes when each request came. Paths are `/INDEX`; it answers at once and closes.

const body = '{"ok":true}';
const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;

const seen = new Map<number, number[]>();
const tell = (message: TargetMessage) => process.send?.(message);

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', (request) => {
    const index = Number(/^GET \/(\d+)/.exec(request.toString('latin1', 0, 32))?.[1]);
    const known = seen.get(index) ?? [];
    if (known.push(performance.now()) === 1) seen.set(index, known);
    socket.end(head + body);
  });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  tell({ port: (server.address() as AddressInfo).port }),
);
process.on('message', () => {
  const arrivals: Arrivals[] = [...seen].map(([index, atMs]) => ({ index, atMs }));
  seen.clear();
  tell({ arrivals });
});
process.on('disconnect', () => process.exit());

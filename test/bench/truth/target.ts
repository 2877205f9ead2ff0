import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A target in a process of its own, which delays what a run goes through: `/wait/MS/transfer/MS`, and the handshake by
 * the port that is asked. It sends its ports, and for each message the requests that it has seen since the last one.
 */
export type TargetMessage =
  | {
      readonly httpPort: number /** By the milliseconds of delay. */;
      readonly tlsPorts: Readonly<Record<number, number>>;
    }
  | { readonly seen: readonly SeenRequest[] };

/** The port that a request came from, and the name by which its asker knows it. */
export type SeenRequest = readonly [clientPort: number, name: string];

/** What the target gets by its first message. */
export interface TargetOrder {
  readonly certificate: string;
  readonly key: string;
  readonly tlsDelaysMs: readonly number[];
}

const body = '{"ok":true}';
const head = { 'content-type': 'application/json', 'content-length': body.length, connection: 'close' };
const pathPattern = /^\/wait\/(\d+)\/transfer\/(\d+)(?:\?n=(\w+))?$/;

let seen: SeenRequest[] = [];

const answer: RequestListener = async (request, response) => {
  const [, waitMs, transferMs, number] = pathPattern.exec(request.url ?? '') ?? [];
  const { traceparent } = request.headers;
  seen.push([request.socket.remotePort ?? 0, number ?? String(traceparent).split('-')[1] ?? '']);
  if (waitMs !== '0') await sleep(Number(waitMs));
  response.writeHead(200, head);
  if (transferMs !== '0') {
    response.flushHeaders();
    await sleep(Number(transferMs));
  }
  response.end(body);
};

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  return (server.address() as AddressInfo).port;
}

const tell = (message: TargetMessage) => process.send?.(message);

process.once('message', async ({ certificate, key, tlsDelaysMs }: TargetOrder) => {
  const http = createHttpServer(answer);
  const https = createHttpsServer({ cert: certificate, key }, answer);
  const tlsPorts: Record<number, number> = {};
  for (const delayMs of tlsDelaysMs) {
    // What the client sends first stays in the kernel meanwhile.
    const door = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      socket.on('error', () => socket.destroy());
      const open = () => https.emit('connection', socket);
      if (delayMs === 0) open();
      else setTimeout(open, delayMs);
    });
    tlsPorts[delayMs] = await portOf(door);
  }
  https.on('tlsClientError', (_, socket) => socket.destroy());
  tell({ httpPort: await portOf(http), tlsPorts });
  process.on('message', () => {
    tell({ seen });
    seen = [];
  });
});
process.on('disconnect', () => process.exit());

import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server's port on 127.0.0.1, which can be closed and opened again under the same number. */
export interface LoopbackListener {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Does nothing when it is open. */
  open(): Promise<void>;
  /** Cuts all connections. Does nothing when it is closed. */
  close(): Promise<void>;
}

/** Has `server` listen; port 0 takes a free one. Rejects with Node's error (`EADDRINUSE`) when the port is taken. */
export async function listenOnLoopback(server: Server, port: number): Promise<LoopbackListener> {
  const listen = async (where: number) => {
    server.listen(where, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(port);
  const ownPort = (server.address() as AddressInfo).port;
  return {
    origin: `http://127.0.0.1:${ownPort}`,
    async open() {
      if (!server.listening) await listen(ownPort);
    },
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { LabCertificates } from './certificates.ts';

export interface ListenerOptions {
  /** By which others reach it; it listens on all addresses then. 127.0.0.1 by default, and it listens there alone. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** With them it speaks TLS and asks for a client certificate, whoever has signed that. */
  readonly certificates?: LabCertificates | undefined;
}

/** A server's port, which can be closed and opened again under the same number. */
export interface Listener {
  /** `http://HOST:PORT` or `https://HOST:PORT` */
  readonly origin: string;
  /** Does nothing when it is open. */
  open(): Promise<void>;
  /** Cuts all connections. Does nothing when it is closed. */
  close(): Promise<void>;
}

function createServer(certificates: LabCertificates | undefined, handle: RequestListener): Server {
  if (!certificates) return createHttpServer(handle);
  const { authority, server } = certificates;
  const asking = { ca: authority, requestCert: true, rejectUnauthorized: false };
  return createHttpsServer({ cert: server.certificate, key: server.key, ...asking }, handle);
}

/** Has `handle` answer on a port; rejects with Node's error (`EADDRINUSE`) when the port is taken. */
export async function openListener(
  { host = '127.0.0.1', port, certificates }: ListenerOptions,
  handle: RequestListener,
): Promise<Listener> {
  const server = createServer(certificates, handle);
  const listen = async (where: number) => {
    server.listen(where, host === '127.0.0.1' ? host : undefined);
    await once(server, 'listening');
  };
  await listen(port);
  const ownPort = (server.address() as AddressInfo).port;
  return {
    origin: `${certificates ? 'https' : 'http'}://${host}:${ownPort}`,
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

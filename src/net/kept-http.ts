import type { Socket } from 'node:net';
import type { Clock } from '../system/clock.ts';
import type { Connect, ConnectionRecord } from './connect.ts';
import { converse } from './converse.ts';
import type { Send } from './fresh-http.ts';
import type { ConnectionOptions } from './http.ts';

export interface KeptHttp {
  readonly send: Send;
  /** Lets the requests under way end, then closes all connections. */
  close(): Promise<void>;
}

/** A connection between two exchanges. */
interface IdleConnection {
  readonly key: string;
  readonly socket: Socket;
  /** What was learned when it was opened. */
  readonly facts: ConnectionRecord['facts'];
  /** Ends its rest: nothing watches it from then on. */
  wake(): void;
  /** Ends its rest and closes it. */
  drop(): void;
}

/** What must not come while nothing was asked: its end, or an answer to nothing. */
const spoilingEvents = ['data', 'end', 'close'] as const;

/** How long an unused connection is kept when the server does not say; well beyond the interval of most checks. */
const keepAliveMs = 600_000;

/** A server counts from an earlier moment than we do: what it closes just then must not be used any more. */
const marginMs = 1000;

/** A connection serves the same origin with the same options only. */
function keyOf(url: URL, options: ConnectionOptions): string {
  const { prefer, proxy, serverName, ca, clientCertificate, clientKey } = options;
  return JSON.stringify([url.origin, prefer, proxy, serverName, ca, clientCertificate, clientKey]);
}

/** For how long the server lets a connection rest, as its `Keep-Alive: timeout=SECONDS` says. */
function restMs(keepAlive = ''): number {
  const seconds = /(?:^|[\s,;])timeout=(\d+)/i.exec(keepAlive)?.[1];
  return seconds === undefined ? keepAliveMs : Math.min(keepAliveMs, Number(seconds) * 1000 - marginMs);
}

/**
 * Lets the event loop look at all sockets once more. The first turn only ends the look that may have brought the answer
 * before; an end of the connection that came right behind that answer is read in the next one.
 */
async function lookAtSockets(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate);
}

/**
 * Requests over connections that stay open, used by one exchange at a time. A connection that its server closed while it
 * rested is not used again. Its end may still cross a request on the way (RFC 9112 section 9.5): then that request has
 * failed as any other, since a probe asks nothing twice, whatever HTTP allows.
 */
export function createKeptHttp(connect: Connect, clock: Clock): KeptHttp {
  const idle = new Set<IdleConnection>();
  const underWay = new Set<Promise<void>>();

  const rest = (key: string, socket: Socket, facts: ConnectionRecord['facts'], forMs: number) => {
    const wake = () => {
      timer.cancel();
      for (const event of spoilingEvents) socket.off(event, drop);
    };
    const drop = () => {
      wake();
      idle.delete(connection);
      socket.destroy();
    };
    const timer = clock.after(forMs, drop);
    const connection: IdleConnection = { key, socket, facts, wake, drop };
    for (const event of spoilingEvents) socket.on(event, drop);
    idle.add(connection);
  };
  const takeIdle = async (key: string): Promise<IdleConnection | undefined> => {
    for (const connection of idle) {
      if (connection.key !== key) continue;
      idle.delete(connection);
      await lookAtSockets();
      connection.wake();
      if (!connection.socket.destroyed) return connection;
    }
    return undefined;
  };
  const exchange: Send = async (request, options, record, signal) => {
    const { connection } = record;
    const key = keyOf(request.url, options);
    const kept = await takeIdle(key);
    if (kept) connection.facts = kept.facts;
    const socket = kept?.socket ?? (await connect(request.url, options, connection, signal));
    connection.stopwatch.enter('request');
    let lasts = false;
    try {
      lasts = await converse(socket, request, record, signal);
    } finally {
      const forMs = restMs(record.head?.headers['keep-alive']);
      if (lasts && forMs > 0 && !socket.destroyed) rest(key, socket, connection.facts, forMs);
      else socket.destroy();
    }
  };

  return {
    async send(...asked) {
      const sending = exchange(...asked);
      underWay.add(sending);
      try {
        await sending;
      } finally {
        underWay.delete(sending);
      }
    },
    async close() {
      await Promise.allSettled(underWay);
      for (const connection of idle) connection.drop();
    },
  };
}

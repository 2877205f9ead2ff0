import type { IncomingHttpHeaders } from 'node:http';
import { Client } from 'undici';
import { abortable } from './abortable.ts';
import { bodyTooLarge } from './body.ts';
import type { Connect, ConnectionRecord } from './connect.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import type { Send } from './fresh-http.ts';
import type { ConnectionOptions, HttpRequest } from './http.ts';
import { requestHeaders, requestTarget } from './message.ts';

export interface KeptHttp {
  readonly send: Send;
  /** Lets the requests under way end, then closes all connections. */
  close(): Promise<void>;
}

/** One connection and the client that speaks over it, used by one exchange at a time. */
interface KeptConnection {
  readonly key: string;
  readonly client: Client;
  /** Of the exchange that uses it now, or used it last. */
  record: ConnectionRecord;
  signal: AbortSignal;
}

/** How long an unused connection is kept when the server does not say; well beyond the interval of most checks. */
const keepAliveMs = 600_000;

/** A connection serves the same origin with the same options only. */
function keyOf(url: URL, options: ConnectionOptions): string {
  const { prefer, proxy, serverName, ca, clientCertificate, clientKey } = options;
  return JSON.stringify([url.origin, prefer, proxy, serverName, ca, clientCertificate, clientKey]);
}

function joined(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));
}

function converse(client: Client, request: HttpRequest, record: ExchangeRecord, signal: AbortSignal): Promise<void> {
  const { connection, body } = record;
  const { stopwatch } = connection;
  return abortable(signal, (resolve, reject) => {
    client.dispatch(
      {
        method: request.method,
        path: requestTarget(request),
        headers: requestHeaders(request),
        body: request.body ?? null,
      },
      {
        onRequestStart: () => stopwatch.enter('request'),
        onRequestSent: () => stopwatch.enter('wait'),
        onResponseStart(_, status, headers) {
          if (status < 200) return;
          stopwatch.enter('transfer');
          // undici does not tell the version of the answer.
          record.head = { status, httpVersion: '1.1', headers: joined(headers) };
        },
        onResponseData(_, chunk) {
          if (!body.take(chunk)) reject(bodyTooLarge(request.maxBodyBytes));
        },
        onResponseEnd: () => resolve(),
        onResponseError: (_, error) => reject(error),
      },
    );
    return () => {};
  });
}

/**
 * Requests over connections that stay open. An exchange has a connection to itself, so it is plain whose phases a new
 * connection's are. Nothing is tried again, not even when the server closes a kept connection under a request.
 */
export function createKeptHttp(connect: Connect): KeptHttp {
  const open = new Set<KeptConnection>();
  const idle = new Set<KeptConnection>();

  const openConnection = (
    key: string,
    url: URL,
    options: ConnectionOptions,
    record: ConnectionRecord,
    signal: AbortSignal,
  ) => {
    const client = new Client(url.origin, {
      connect(_, callback) {
        connect(url, options, kept.record, kept.signal).then(
          (socket) => callback(null, socket),
          (error) => callback(error, null),
        );
      },
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
    });
    const kept: KeptConnection = { key, client, record, signal };
    client.on('disconnect', () => {
      open.delete(kept);
      idle.delete(kept);
    });
    open.add(kept);
    return kept;
  };
  const takeIdle = (key: string, record: ConnectionRecord, signal: AbortSignal) => {
    for (const kept of idle) {
      if (kept.key !== key) continue;
      idle.delete(kept);
      record.facts = kept.record.facts;
      return Object.assign(kept, { record, signal });
    }
    return undefined;
  };

  return {
    async send(request, options, record, signal) {
      const key = keyOf(request.url, options);
      const { connection } = record;
      const kept = takeIdle(key, connection, signal) ?? openConnection(key, request.url, options, connection, signal);
      try {
        await converse(kept.client, request, record, signal);
      } catch (error) {
        open.delete(kept);
        void kept.client.destroy();
        throw error;
      }
      if (open.has(kept)) idle.add(kept);
    },
    async close() {
      await Promise.all(Array.from(open, ({ client }) => client.close()));
    },
  };
}

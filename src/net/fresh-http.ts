import type { Connect } from './connect.ts';
import { converse } from './converse.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import type { ConnectionOptions, HttpRequest } from './http.ts';

/** Sends one request and fills the record; rejects when no whole answer came. */
export type Send = (
  request: HttpRequest,
  options: ConnectionOptions,
  record: ExchangeRecord,
  signal: AbortSignal,
) => Promise<void>;

/** Each request opens a connection of its own, so that every phase is seen each time. */
export function createFreshHttp(connect: Connect): Send {
  return async (request, options, record, signal) => {
    const socket = await connect(request.url, options, record.connection, signal);
    record.connection.stopwatch.enter('request');
    try {
      await converse(socket, request, record, signal);
    } finally {
      socket.destroy();
    }
  };
}

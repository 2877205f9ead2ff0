import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { abortable } from './abortable.ts';
import { bodyTooLarge } from './body.ts';
import type { Connect } from './connect.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import type { ConnectionOptions, HttpRequest } from './http.ts';
import { requestHeaders, requestTarget, responseHeaders } from './message.ts';

/** Sends one request and fills the record; rejects when no whole answer came. */
export type Send = (
  request: HttpRequest,
  options: ConnectionOptions,
  record: ExchangeRecord,
  signal: AbortSignal,
) => Promise<void>;

function converse(socket: Socket, request: HttpRequest, record: ExchangeRecord, signal: AbortSignal): Promise<void> {
  const { connection, body } = record;
  const { stopwatch } = connection;
  return abortable(signal, (resolve, reject) => {
    const outgoing = httpRequest({
      createConnection: () => socket,
      method: request.method,
      path: requestTarget(request),
      headers: requestHeaders(request),
    });
    const written = () => {
      if (stopwatch.current() === 'request') stopwatch.enter('wait');
    };
    const answered = (incoming: IncomingMessage) => {
      // A server may answer before it has read the whole request.
      written();
      stopwatch.enter('transfer');
      const { statusCode = 0, httpVersion, rawHeaders } = incoming;
      record.head = { status: statusCode, httpVersion, headers: responseHeaders(rawHeaders) };
    };
    // It stays: a request whose socket is destroyed may still emit an error, which must not end the process.
    outgoing.on('error', reject);
    outgoing.once('finish', written);
    // What comes after a switch of protocols is not HTTP: the answer is whole with its headers.
    for (const event of ['upgrade', 'connect'])
      outgoing.once(event, (incoming: IncomingMessage) => {
        answered(incoming);
        resolve();
      });
    outgoing.once('response', (incoming) => {
      answered(incoming);
      incoming.on('error', reject);
      incoming.on('data', (chunk: Buffer) => {
        if (!body.take(chunk)) reject(bodyTooLarge(request.maxBodyBytes));
      });
      incoming.once('end', resolve);
    });
    outgoing.end(request.body);
    return () => {};
  });
}

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

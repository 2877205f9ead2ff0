import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { abortable } from './abortable.ts';
import { bodyTooLarge } from './body.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import type { HttpRequest } from './http.ts';
import { requestHeaders, requestTarget, responseHeaders } from './message.ts';

/**
 * Sends one request over a connected socket and fills the record; rejects when no whole answer came. Tells whether both
 * sides mean to keep the connection and nothing of this exchange is left on it (RFC 9112 section 9.3).
 */
export function converse(
  socket: Socket,
  request: HttpRequest,
  record: ExchangeRecord,
  signal: AbortSignal,
): Promise<boolean> {
  const { connection, body } = record;
  const { stopwatch } = connection;
  return abortable(signal, (resolve, reject) => {
    let answer: IncomingMessage | undefined;
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
      stopwatch.enterByEvent('transfer');
      const { statusCode = 0, httpVersion, rawHeaders } = incoming;
      record.head = { status: statusCode, httpVersion, headers: responseHeaders(rawHeaders) };
    };
    // It stays: a request whose socket is destroyed may still emit an error, which must not end the process.
    outgoing.on('error', (error) => {
      // What comes after a whole answer is not part of it, whichever packet brings it: the end is told all the same.
      if (!answer?.complete) reject(error);
    });
    outgoing.once('finish', written);
    // What comes after a switch of protocols is not HTTP: the answer is whole with its headers.
    for (const event of ['upgrade', 'connect'])
      outgoing.once(event, (incoming: IncomingMessage) => {
        answered(incoming);
        resolve(false);
      });
    outgoing.once('response', (incoming) => {
      answer = incoming;
      answered(incoming);
      incoming.on('error', reject);
      incoming.on('data', (chunk: Buffer) => {
        if (!body.take(chunk)) reject(bodyTooLarge(request.maxBodyBytes));
      });
      incoming.once('end', () => {
        stopwatch.endByEvent();
        resolve(outgoing.shouldKeepAlive && outgoing.writableFinished);
      });
    });
    outgoing.end(request.body);
    return () => {};
  });
}

import type { System } from '../system/system.ts';
import { createConnect } from './connect.ts';
import { decompress } from './decompress.ts';
import { createExchangeRecord, type ExchangeRecord } from './exchange-record.ts';
import { abortError, failureOf, type NetError, netError } from './failure.ts';
import { createFreshHttp } from './fresh-http.ts';
import type { HttpClient } from './http.ts';
import { createKeptHttp } from './kept-http.ts';
import type { Resolver } from './resolve.ts';

/** The body without its content codings; how it failed when they could not be undone. */
async function decodedBody({ head, body }: ExchangeRecord, maxBytes: number): Promise<Buffer | NetError> {
  try {
    return await decompress(body.bytes(), head?.headers['content-encoding'] ?? '', maxBytes);
  } catch (error) {
    return netError(error);
  }
}

/** The client that all HTTP of the process goes through. It trusts the authorities that Node.js trusts. */
export function createHttpClient(system: System, resolver: Resolver): HttpClient {
  const connect = createConnect(system, resolver);
  const sendFresh = createFreshHttp(connect);
  const kept = createKeptHttp(connect, system.clock);

  return {
    async exchange(permit, request, { signal }) {
      permit.spend();
      const record = createExchangeRecord(system.clock, request.maxBodyBytes);
      const options = request.connection ?? {};
      const send = options.reuse ? kept.send : sendFresh;
      const broken = await send(request, options, record, signal).then(
        () => undefined,
        (error: unknown) => (signal.aborted ? abortError(signal) : netError(error)),
      );
      const { stopwatch, facts, proxy } = record.connection;
      const lastPhase = stopwatch.current();
      const timing = stopwatch.stop();

      const decoded = await decodedBody(record, request.maxBodyBytes);
      const error = broken ?? (Buffer.isBuffer(decoded) ? undefined : decoded);
      // What came of a body that broke off can seldom be decoded; then there is nothing to show of it.
      const body = Buffer.isBuffer(decoded) ? decoded : Buffer.alloc(0);
      return {
        ...timing,
        ...facts,
        ...(error?.circumstances.tls && { tls: error.circumstances.tls }),
        ...(record.head && { response: { ...record.head, body, wireBytes: record.body.wireBytes() } }),
        ...(error && { failure: failureOf(error, lastPhase, proxy) }),
      };
    },
    close: () => kept.close(),
  };
}

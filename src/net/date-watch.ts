import { clockOrigin } from '../model/clock-origin.ts';
import { answerDateMs } from '../model/http-date.ts';
import type { Clock } from '../system/clock.ts';
import type { HttpClient } from './http.ts';

/** A `Date` header and when it can have been made, on our monotonic clock. */
export interface DateSighting {
  /** The second that it names, in milliseconds since 1970. */
  readonly dateMs: number;
  /** Monotonic milliseconds, not after the request was sent. */
  readonly sentMs: number;
  /** Monotonic milliseconds, not before the headers came. */
  readonly receivedMs: number;
}

/** Told of each `Date` header of an origin. Must not throw. */
export type DateWatcher = (origin: string, sighting: DateSighting) => void;

/** The same client, but `sawDate` hears what each answer says of its server's clock. */
export function watchDates(client: HttpClient, clock: Clock, sawDate: DateWatcher): HttpClient {
  return {
    ...client,
    async exchange(permit, request, deadline) {
      const startedMs = clock.monotonicMs();
      const exchange = await client.exchange(permit, request, deadline);
      const dateMs = answerDateMs(exchange.response?.headers);
      if (dateMs !== undefined) {
        const { resolve = 0, connect = 0, tls = 0, transfer = 0 } = exchange.phases;
        // The phases have no gaps, but may begin late and end early: so the first ones are counted from the start.
        const sentMs = startedMs + resolve + connect + tls;
        sawDate(clockOrigin(request.url), { dateMs, sentMs, receivedMs: clock.monotonicMs() - transfer });
      }
      return exchange;
    },
  };
}

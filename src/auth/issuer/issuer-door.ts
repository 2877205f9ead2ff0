import { addPhases, type Phases } from '../../model/observation.ts';
import { createDeadline } from '../../net/deadline.ts';
import type { ConnectionOptions, HttpClient, HttpExchange } from '../../net/http.ts';
import { type Budget, Permit, PermitRefused } from '../../net/limiter.ts';
import type { Clock } from '../../system/clock.ts';

/** One instant on both clocks, in milliseconds. */
export interface Instant {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** One request of a token run and what came of it. */
export interface IssuerExchange extends HttpExchange {
  /** Without user info and query. */
  readonly url: string;
  readonly sentAt: Instant;
  /** When the headers of the answer came, in wall-clock milliseconds since 1970. */
  readonly answeredMs: number;
}

/** The requests of one token run. */
export interface IssuerDoor {
  /**
   * Waits for a permit, and only then has `make` make its one request: what is signed for it must not grow old in our own
   * queue. Throws `PermitRefused`, and what `make` throws.
   */
  exchange(make: (send: SendRequest) => Promise<unknown>): Promise<IssuerExchange>;
  /** Summed over all requests so far, with the wait for their permits. */
  phases(): Phases;
  /** The last request; undefined when none was made. */
  last(): IssuerExchange | undefined;
  /** Frees the deadline's timer. */
  close(): void;
}

/** One request as oauth4webapi hands it over. */
export interface FetchRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: URLSearchParams | string | undefined;
}

/**
 * In the manner of `fetch`, for oauth4webapi's `customFetch`. What it resolves to is empty: the library throws bodies and
 * statuses away when it meets an error, so answers are read from the exchange instead.
 */
export type SendRequest = (url: string, request: FetchRequest) => Promise<Response>;

export interface IssuerDoorPorts {
  readonly clock: Clock;
  readonly http: HttpClient;
  readonly budget: Budget;
  /** Whom the client trusts, and what it shows of itself. */
  readonly connection?: ConnectionOptions;
}

/** An answer of an issuer is a few kilobytes. */
const longestBodyBytes = 1024 * 1024;
/** An urgent permit is the next one of its budget; only a budget that is paused or near standstill takes longer. */
const longestPermitWaitMs = 60_000;

/**
 * `timeoutMs` bounds all requests of the run together, without what is ours before each; `cutOff` ends the one that is under way, `stopping` only a wait for
 * a permit.
 */
export function createIssuerDoor(
  { clock, http, budget, connection = {} }: IssuerDoorPorts,
  timeoutMs: number,
  { stopping, cutOff }: { readonly stopping: AbortSignal; readonly cutOff: AbortSignal },
): IssuerDoor {
  const deadline = createDeadline(clock, timeoutMs, cutOff);
  let phases: Phases = {};
  let last: IssuerExchange | undefined;

  const takePermit = async () => {
    const sinceMs = clock.monotonicMs();
    deadline.pause();
    const grant = await budget.acquire({ urgent: true, untilMs: sinceMs + longestPermitWaitMs, signal: stopping });
    phases = addPhases(phases, { queue: clock.monotonicMs() - sinceMs });
    if (!(grant instanceof Permit)) throw new PermitRefused(grant);
    return grant;
  };

  const send = async (permit: Permit, href: string, { method, headers, body }: FetchRequest) => {
    const url = new URL(href);
    deadline.resume();
    const sentAt = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
    const request = { url, method, headers, maxBodyBytes: longestBodyBytes, connection };
    const exchange = await http.exchange(permit, body ? { ...request, body: body.toString() } : request, deadline);
    phases = addPhases(phases, exchange.phases);
    const answeredMs = clock.wallMs() - (exchange.phases.transfer ?? 0);
    last = { ...exchange, url: url.origin + url.pathname, sentAt, answeredMs };
    return new Response(null);
  };

  return {
    async exchange(make) {
      const permit = await takePermit();
      try {
        await make((href, request) => send(permit, href, request));
      } finally {
        permit.release();
      }
      return last as IssuerExchange;
    },
    phases: () => phases,
    last: () => last,
    close: deadline.close,
  };
}

import type { Failure, Phases, TlsFacts } from '../model/observation.ts';
import type { Deadline } from './deadline.ts';
import type { Permit } from './limiter.ts';

/** How a connection is made and secured. */
export interface ConnectionOptions {
  /** The address family tried first; the other one is the fall-back. Without it, both race (RFC 8305). */
  readonly prefer?: 'ip4' | 'ip6';
  /** `http://host:port` of a proxy; `https:` targets are reached by CONNECT. */
  readonly proxy?: URL;
  /** The name asked for (SNI) and held against the certificate, instead of the URL's host. */
  readonly serverName?: string;
  /** PEM text: trusted instead of the authorities that Node.js trusts. */
  readonly ca?: string;
  /** PEM text of the client's certificate and its key. */
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** Keeps connections open and uses them again: the phases resolve, connect and tls are then absent. */
  readonly reuse?: boolean;
}

export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly connection?: ConnectionOptions;
  /** The most bytes of body that are read, on the wire and after decompression. */
  readonly maxBodyBytes: number;
}

export interface HttpResponse {
  readonly status: number;
  /** For example `1.1`. */
  readonly httpVersion: string;
  /** Names in lower case, repeated ones joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. */
  readonly body: Buffer;
  /** Bytes of the body as they came on the wire. */
  readonly wireBytes: number;
}

/** One request and what came of it. Exactly one of `response` (whole) and `failure` is told, or both when the body broke. */
export interface HttpExchange {
  readonly phases: Phases;
  /** See `Timing`; absent where it is not known. */
  readonly uncertaintyMs?: number;
  readonly address?: string;
  readonly ipVersion?: 4 | 6;
  readonly tls?: TlsFacts;
  /** Present as soon as the headers came; its body is what was read until a failure. */
  readonly response?: HttpResponse;
  readonly failure?: Failure;
}

/** Makes HTTP/1.1 requests one at a time: no redirects, no retries. */
export interface HttpClient {
  /** Spends the permit. Never throws for what the network does: failures are part of the exchange. */
  exchange(permit: Permit, request: HttpRequest, deadline: Deadline): Promise<HttpExchange>;
  /** Closes kept connections. */
  close(): Promise<void>;
}

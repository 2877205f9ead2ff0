import type { Failure, Phases } from '../model/observation.ts';
import type { System } from '../system/system.ts';
import type { Deadline } from './deadline.ts';
import type { Permit } from './limiter.ts';
import type { Resolver } from './resolve.ts';

/** A moment on both clocks. */
export interface Stamp {
  /** Milliseconds since 1970 as this host believes. */
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export interface DatagramRequest {
  readonly host: string;
  readonly port: number;
  readonly bytes: Uint8Array;
  /** Whether a datagram is the answer; one that is not is passed over, and the wait goes on. */
  accept(bytes: Uint8Array): boolean;
}

/** One datagram and what came of it: exactly one of `answer` and `failure` is told. */
export interface DatagramExchange {
  readonly phases: Phases;
  readonly address?: string;
  readonly ipVersion?: 4 | 6;
  readonly answer?: DatagramAnswer;
  readonly failure?: Failure;
}

export interface DatagramAnswer {
  readonly bytes: Uint8Array;
  /** Taken right before the request left, and right after the answer came. */
  readonly sent: Stamp;
  readonly received: Stamp;
}

/** Sends single datagrams over UDP: no retries. */
export interface DatagramClient {
  /** Spends the permit. Never throws for what the network does: failures are part of the exchange. */
  exchange(permit: Permit, request: DatagramRequest, deadline: Deadline): Promise<DatagramExchange>;
}

export declare function createDatagramClient(system: System, resolver: Resolver): DatagramClient;

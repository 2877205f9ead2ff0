import { createSocket, type Socket } from 'node:dgram';
import type { Failure, Phases } from '../model/observation.ts';
import type { System } from '../system/system.ts';
import { createWallAhead, type WallAhead } from '../system/wall-ahead.ts';
import { abortable } from './abortable.ts';
import type { Address, IpVersion } from './address.ts';
import type { Deadline } from './deadline.ts';
import { abortError, failureOf, NetError, netError } from './failure.ts';
import type { Permit } from './limiter.ts';
import type { Resolver } from './resolve.ts';
import { createStopwatch } from './stopwatch.ts';

/** A moment on both clocks. */
export interface Stamp {
  /** Milliseconds since 1970 as this host believes, with a fraction. */
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export interface DatagramRequest<Answer> {
  readonly host: string;
  readonly port: number;
  readonly bytes: Uint8Array;
  /** What a datagram says; undefined when it is not the answer: it is passed over then, and the wait goes on. */
  read(bytes: Uint8Array): Answer | undefined;
}

export interface DatagramAnswer<Answer> {
  readonly said: Answer;
  /** Taken right before the request left. */
  readonly sent: Stamp;
  /** Taken right after the answer came. */
  readonly received: Stamp;
}

/** One datagram and what came of it. */
export type DatagramExchange<Answer> = DatagramCourse &
  (
    | { readonly answer: DatagramAnswer<Answer>; readonly failure?: undefined }
    | { readonly failure: Failure; readonly answer?: undefined }
  );

/** What an exchange shows however it ends. */
export interface DatagramCourse {
  readonly phases: Phases;
  /** See `Timing`; absent where it is not known. */
  readonly uncertaintyMs?: number;
  /** The IP address that was asked. */
  readonly address?: string;
  readonly ipVersion?: IpVersion;
}

/** Sends single datagrams over UDP: no retries. */
export interface DatagramClient {
  /** Spends the permit. Never throws for what the network does: failures are part of the exchange. */
  exchange<Answer>(
    permit: Permit,
    request: DatagramRequest<Answer>,
    deadline: Deadline,
  ): Promise<DatagramExchange<Answer>>;
}

/** What the system's codes mean for a datagram: its own messages name the system call and not much else. */
const sentences: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['EHOSTUNREACH', 'the host cannot be reached'],
  ['ENETUNREACH', 'there is no route to its network'],
  ['EACCES', 'sending there is not allowed on this host'],
  ['EPERM', 'sending there is not allowed on this host'],
]);

function brokenBy(error: unknown): NetError {
  // The resolver has its own words.
  if (error instanceof NetError) return error;
  const { code, message } = netError(error);
  return new NetError(code, sentences.get(code) ?? message);
}

/** A socket that hears that address alone. Rejects when this host has no way there. */
function open({ address, family }: Address, port: number, signal: AbortSignal): Promise<Socket> {
  return abortable(signal, (resolve, reject) => {
    const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
    let opened = false;
    socket.once('error', reject);
    try {
      socket.connect(port, address, (error?: Error) => {
        if (error) return reject(error);
        opened = true;
        socket.off('error', reject);
        resolve(socket);
      });
    } catch (error) {
      reject(error);
    }
    return () => {
      if (!opened) socket.close();
    };
  });
}

/**
 * Opens a socket to the first address that there is a way to. IPv4 comes first: nobody answers a datagram that is lost on
 * the way, while a host without IPv4 knows so at once and goes on to IPv6.
 */
async function openFirst(addresses: readonly Address[], port: number, signal: AbortSignal) {
  let refusal: unknown;
  for (const address of addresses.toSorted((a, b) => a.family - b.family)) {
    try {
      return { socket: await open(address, port, signal), reached: address };
    } catch (error) {
      if (signal.aborted) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

interface Clocks {
  readonly monotonicMs: () => number;
  readonly wallAheadMs: WallAhead;
}

function converse<Answer>(
  socket: Socket,
  { bytes, read }: DatagramRequest<Answer>,
  { monotonicMs, wallAheadMs }: Clocks,
  signal: AbortSignal,
): Promise<DatagramAnswer<Answer>> {
  const stampAt = (atMs: number, aheadMs: number): Stamp => ({ monotonicMs: atMs, wallMs: atMs + aheadMs });
  return abortable(signal, (resolve, reject) => {
    socket.on('error', reject);
    // To read the wall clock finely may take a while: not while the answer is on its way, which would be noticed late.
    const aheadMs = wallAheadMs();
    const sent = stampAt(monotonicMs(), aheadMs);
    socket.send(bytes, (error) => {
      if (error) reject(error);
    });
    socket.on('message', (message: Buffer) => {
      const receivedMs = monotonicMs();
      const said = read(message);
      if (said !== undefined) resolve({ said, sent, received: stampAt(receivedMs, wallAheadMs()) });
    });
    return () => socket.close();
  });
}

/** The client that all UDP of the process but DNS goes through. */
export function createDatagramClient({ clock }: System, resolver: Resolver): DatagramClient {
  const clocks = { monotonicMs: clock.monotonicMs, wallAheadMs: createWallAhead(clock) };
  return {
    async exchange(permit, request, { signal }) {
      permit.spend();
      const stopwatch = createStopwatch(clock);
      let facts: Omit<DatagramCourse, 'phases' | 'uncertaintyMs'> = {};
      try {
        stopwatch.enter('resolve');
        const addresses = await resolver.resolve(request.host, { prefer: 'ip4', signal });
        stopwatch.endByEvent();
        stopwatch.enter('wait');
        const { socket, reached } = await openFirst(addresses, request.port, signal);
        facts = { address: reached.address, ipVersion: reached.family };
        const answer = await converse(socket, request, clocks, signal);
        stopwatch.endByEvent();
        return { ...stopwatch.stop(), ...facts, answer };
      } catch (error) {
        const broken = signal.aborted ? abortError(signal) : brokenBy(error);
        const phase = stopwatch.current();
        return { ...stopwatch.stop(), ...facts, failure: failureOf(broken, phase) };
      }
    },
  };
}

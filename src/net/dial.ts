import { connect, type Socket } from 'node:net';
import type { Clock, Timer } from '../system/clock.ts';
import { abortable } from './abortable.ts';
import type { Address, IpVersion, Preference } from './address.ts';

/** A connected socket and whom it reached. */
export interface Dialled {
  readonly socket: Socket;
  readonly address: string;
  readonly ipVersion: IpVersion;
}

export interface DialOptions {
  readonly port: number;
  /** Its addresses come first, and the other family's only once all of them have failed. Without it, both race. */
  readonly prefer?: Preference | undefined;
  /** Ends all attempts when aborted; the dial then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called when an attempt goes out. */
  began?(): void;
}

/** The head start of one attempt over the next (RFC 8305 section 5, Connection Attempt Delay). */
const attemptDelayMs = 250;

/** Errors that say little of the target, the least telling first; any other says more. */
const littleTelling = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETUNREACH', 'EHOSTUNREACH', 'ETIMEDOUT'];

function moreTelling(a: NodeJS.ErrnoException | undefined, b: NodeJS.ErrnoException): NodeJS.ErrnoException {
  const telling = ({ code = '' }: NodeJS.ErrnoException) => littleTelling.indexOf(code) + 1 || littleTelling.length + 1;
  return a && telling(a) >= telling(b) ? a : b;
}

/** The families take turns, IPv6 first (RFC 8305 section 4). */
function interleave(sixes: readonly Address[], fours: readonly Address[]): Address[] {
  const longer = Math.max(sixes.length, fours.length);
  return Array.from({ length: longer }, (_, turn) => [
    ...sixes.slice(turn, turn + 1),
    ...fours.slice(turn, turn + 1),
  ]).flat();
}

function inStages(addresses: readonly Address[], prefer: Preference | undefined): Address[][] {
  if (addresses.length === 1) return [[...addresses]];
  const fours = addresses.filter(({ family }) => family === 4);
  const sixes = addresses.filter(({ family }) => family === 6);
  if (prefer === 'ip4') return [fours, sixes];
  if (prefer === 'ip6') return [sixes, fours];
  return [interleave(sixes, fours)];
}

/** A socket whose error nobody listens for would end the process, and a peer can cause one at any later time. */
const ignoreLater = () => {};

/**
 * Connects to the first of `addresses` that answers and destroys the other attempts.
 * Rejects with the error that says most, such as `ECONNREFUSED` over `ENETUNREACH`.
 */
export function dial(clock: Clock, addresses: readonly Address[], options: DialOptions): Promise<Dialled> {
  return abortable(options.signal, (resolve, reject) => {
    const stages = inStages(addresses, options.prefer);
    const open = new Set<Socket>();
    let headStart: Timer | undefined;
    let refusal: NodeJS.ErrnoException | undefined;

    const attempt = ({ address, family }: Address) => {
      const socket = connect({ host: address, port: options.port, family, noDelay: true });
      const failed = (error: NodeJS.ErrnoException) => {
        open.delete(socket);
        refusal = moreTelling(refusal, error);
        goOn();
      };
      open.add(socket);
      socket.once('connectionAttempt', () => options.began?.());
      socket.on('error', failed);
      socket.once('connect', () => {
        open.delete(socket);
        socket.off('error', failed).on('error', ignoreLater);
        resolve({ socket, address, ipVersion: family });
      });
    };
    const goOn = () => {
      headStart?.cancel();
      while (open.size === 0 && stages[0]?.length === 0) stages.shift();
      const next = stages[0]?.shift();
      if (next) {
        attempt(next);
        if (stages[0]?.length) headStart = clock.after(attemptDelayMs, goOn);
      } else if (open.size === 0) reject(refusal);
    };

    goOn();
    return () => {
      // An attempt that has failed already may tell so later, and must not lead to another one then.
      stages.length = 0;
      headStart?.cancel();
      for (const socket of open) socket.destroy();
    };
  });
}

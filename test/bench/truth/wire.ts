import type { Packet } from './capture.ts';

/** What a phase is called on each side that is measured. */
export const phases = ['connect', 'tls', 'wait', 'transfer'] as const;

export type Phase = (typeof phases)[number];

/** Milliseconds by phase; a phase that was not reached is absent. */
export type PhaseTimes = Readonly<Partial<Record<Phase, number>>>;

/** One exchange as its packets tell it. */
export interface WireExchange {
  readonly phases: PhaseTimes;
  /** When its first packet was sent, in milliseconds of the capture. */
  readonly startedAtMs: number;
  /** From its first packet to the last one of the answer, in milliseconds. */
  readonly tookMs: number;
}

/** A record of TLS 1.3 that holds an alert and nothing else: the server says goodbye. */
const alertBytes = 24;

/**
 * The exchanges of a capture by the port of their client, in their order; undefined stands for one that is not whole. Each
 * connection has one.
 */
export function exchangesOf(
  packets: readonly Packet[],
  tlsPorts: ReadonlySet<number>,
  httpPort: number,
): ReadonlyMap<number, readonly (WireExchange | undefined)[]> {
  const connections = new Map<number, Packet[][]>();
  for (const packet of packets) {
    const isAsked = packet.toPort === httpPort || tlsPorts.has(packet.toPort);
    const clientPort = isAsked ? packet.fromPort : packet.toPort;
    const known = connections.get(clientPort) ?? [];
    connections.set(clientPort, known);
    if (isAsked && packet.isSyn) known.push([]);
    known.at(-1)?.push(packet);
  }
  return new Map(
    [...connections].map(([port, known]) => [port, known.map((ofOne) => exchangeOf(ofOne, port, tlsPorts))]),
  );
}

function exchangeOf(
  packets: readonly Packet[],
  clientPort: number,
  tlsPorts: ReadonlySet<number>,
): WireExchange | undefined {
  const [syn, synAck] = packets.filter(({ isSyn }) => isSyn);
  if (!syn || !synAck) return undefined;
  const overTls = tlsPorts.has(syn.toPort);
  const told = packets.filter(({ bytes }) => bytes > 0 && !(overTls && bytes === alertBytes));
  const asked = told.filter(({ fromPort }) => fromPort === clientPort);
  // Over TLS the client says hello, ends the handshake, and asks: the last two may share a packet.
  const [hello, finished] = asked;
  const request = asked.at(-1);
  if (!request || (overTls && (!hello || !finished))) return undefined;
  const answered = told.filter(({ fromPort, atMs }) => fromPort !== clientPort && (!finished || atMs > finished.atMs));
  const end = answered.at(-1);
  const head = headOf(answered, overTls);
  if (!end || !head || head.atMs < request.atMs) return undefined;
  return {
    phases: {
      connect: synAck.atMs - syn.atMs,
      ...(hello && finished && { tls: finished.atMs - hello.atMs }),
      wait: head.atMs - request.atMs,
      transfer: end.atMs - head.atMs,
    },
    startedAtMs: syn.atMs,
    tookMs: end.atMs - syn.atMs,
  };
}

/** A record that holds the body alone has 33 bytes; tickets of sessions come before the head, in packets of their own. */
function headOf(answered: readonly Packet[], overTls: boolean): Packet | undefined {
  if (!overTls) return answered[0];
  return answered.at((answered.at(-1)?.bytes ?? 0) < 60 ? -2 : -1);
}

import type { HostPort } from '../model/host-port.ts';
import type { Failure, NtpFacts } from '../model/observation.ts';
import type { DatagramClient, DatagramCourse, Stamp } from '../net/datagram.ts';
import type { Deadline } from '../net/deadline.ts';
import type { Permit } from '../net/limiter.ts';
import type { Random } from '../system/random.ts';
import { encodeRequest, judgeReply, type NtpHeader, type NtpReply, rootDistanceMs } from './ntp-packet.ts';
import { ntpTimestampMs } from './ntp-timestamp.ts';

/** What one packet there and back says of our clock; the skew is the offset of RFC 5905 with its sign turned. */
export interface NtpSample extends NtpFacts {
  /**
   * How far our monotonic clock is ahead of the server's. Add wall minus monotonic time for the skew: that sum is as good
   * as `uncertaintyMs` says at any later time, whatever our wall clock was set by meanwhile.
   */
  readonly monotonicSkewMs: number;
  /** Monotonic milliseconds. */
  readonly atMs: number;
}

/** What came of one packet. */
export type NtpAnswer =
  | { readonly kind: 'time'; readonly sample: NtpSample }
  /**
   * It answered, and is not to be believed: `NTP_BAD_REPLY`, `NTP_NOT_SYNCHRONISED`, or `NTP_KISS_OF_DEATH` with the
   * code of the kiss, for example `RATE`.
   */
  | { readonly kind: 'refused'; readonly failure: Failure; readonly kiss?: string }
  /** Nothing is known: the network's own failure, or `CLOCK_STEPPED` when our own clock was set meanwhile. */
  | { readonly kind: 'none'; readonly failure: Failure };

export interface NtpExchange extends DatagramCourse {
  readonly answer: NtpAnswer;
}

export interface NtpPorts {
  readonly datagrams: DatagramClient;
  readonly random: Random;
}

/** When a request left and when its answer came. */
interface Stamps {
  readonly sent: Stamp;
  readonly received: Stamp;
}

/** The wall clock tells whole milliseconds: more may be found out, as a rule, but not be promised. */
const resolutionMs = 1;

/** More than what the wall clock does not tell sets the two clocks apart within one exchange: beyond it, it was set. */
const mostPartingMs = 4;

/** By how much two clocks may run apart, as a share (RFC 5905 section 7.2, PHI). */
const driftShare = 15e-6;

/** How far the wall clock has moved against the monotonic one. */
function partingMs({ sent, received }: Stamps): number {
  return Math.abs(received.wallMs - sent.wallMs - (received.monotonicMs - sent.monotonicMs));
}

/**
 * Offset and delay of RFC 5905 section 8; undefined when the server's times leave a delay below zero. The time between
 * our two stamps is measured on the monotonic clock, and what the wall clock was set by meanwhile adds to the uncertainty.
 */
export function sampleOf(header: NtpHeader, stamps: Stamps): NtpSample | undefined {
  const { sent, received } = stamps;
  const elapsedMs = received.monotonicMs - sent.monotonicMs;
  const receivedThereMs = ntpTimestampMs(header.receive, sent.wallMs);
  const sentThereMs = ntpTimestampMs(header.transmit, sent.wallMs);
  const delayMs = elapsedMs - (sentThereMs - receivedThereMs);
  if (delayMs < -resolutionMs) return undefined;
  const rootMs = rootDistanceMs(header);
  const skewMs = (sent.wallMs - receivedThereMs + (sent.wallMs + elapsedMs - sentThereMs)) / 2;
  return {
    skewMs,
    monotonicSkewMs: skewMs - (sent.wallMs - sent.monotonicMs),
    uncertaintyMs: Math.max(0, delayMs) / 2 + rootMs + resolutionMs + partingMs(stamps) + driftShare * elapsedMs,
    delayMs: Math.max(0, delayMs),
    stratum: header.stratum,
    leap: header.leap,
    rootDistanceMs: rootMs,
    atMs: received.monotonicMs,
  };
}

function kissMessage(code: string): string {
  if (code === 'RATE') return "the server says that it is asked too often (kiss-o'-death RATE)";
  if (code === 'DENY' || code === 'RSTR') return `the server refuses this host (kiss-o'-death ${code})`;
  return `the server does not tell the time now (kiss-o'-death ${code})`;
}

function answerOf(said: NtpReply, stamps: Stamps): NtpAnswer {
  const useless = (code: string, message: string): Failure => ({ phase: 'wait', code, message });
  if (said.kind === 'kiss')
    return { kind: 'refused', kiss: said.code, failure: useless('NTP_KISS_OF_DEATH', kissMessage(said.code)) };
  if (said.kind === 'refused') return { kind: 'refused', failure: useless(said.code, said.message) };
  if (partingMs(stamps) > mostPartingMs) {
    const message = "this host's clock was set while the answer was on its way";
    return { kind: 'none', failure: useless('CLOCK_STEPPED', message) };
  }
  const sample = sampleOf(said.header, stamps);
  if (sample) return { kind: 'time', sample };
  const message = 'the server says that it held the request for longer than the answer took';
  return { kind: 'refused', failure: useless('NTP_BAD_REPLY', message) };
}

/** Asks a server once. Spends the permit; never throws for what the network or the server does. */
export async function askNtp(
  { datagrams, random }: NtpPorts,
  permit: Permit,
  { host, port }: HostPort,
  deadline: Deadline,
): Promise<NtpExchange> {
  const transmit = random.bytes(8).readBigUInt64BE();
  const { answer, failure, ...course } = await datagrams.exchange(
    permit,
    { host, port, bytes: encodeRequest(transmit), read: (bytes) => judgeReply(bytes, transmit) },
    deadline,
  );
  return { ...course, answer: answer ? answerOf(answer.said, answer) : { kind: 'none', failure } };
}

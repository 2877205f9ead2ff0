import { type HostPort, ntpPort, showHostPort } from '../model/host-port.ts';
import type { DatagramClient } from '../net/datagram.ts';
import { createDeadline } from '../net/deadline.ts';
import { type Budget, Permit } from '../net/limiter.ts';
import { sleep } from '../system/clock.ts';
import type { System } from '../system/system.ts';
import { askNtp, type NtpAnswer } from './ntp-exchange.ts';
import { createNtpStanding, type NtpServerView } from './ntp-standing.ts';

export interface NtpServerPorts {
  readonly system: System;
  readonly datagrams: DatagramClient;
  /** Where each packet takes its permit from: the budget `ntp`. */
  readonly budget: Budget;
  /** Called when `view` may have changed: after each packet that was answered or given up. */
  changed(): void;
}

export interface NtpServerOptions extends HostPort {
  /** The time between two rounds. */
  readonly everyMs: number;
}

export interface NtpServer {
  /** Call it once. */
  start(): void;
  /**
   * Forgets the reading and begins with a burst: for when the wall clock was set. What the server refused stays refused,
   * and the rest that it asked for is kept.
   */
  restart(): void;
  /** Changes the time between two rounds, counted from the last packet; nothing that is known is lost by it. */
  setEvery(everyMs: number): void;
  stop(): void;
  /** `wallAheadMs`: what our wall clock shows now when our monotonic clock shows 0. */
  view(wallAheadMs: number): NtpServerView;
}

const packetsABurst = 4;
/** The spacing of a burst (RFC 5905 section 7.2, BTIME). */
const spacingMs = 2000;
const answerWithinMs = 2000;

/** Asks one server in rounds: a round is a burst until there is a reading, and one packet from then on. */
export function createNtpServer(ports: NtpServerPorts, options: NtpServerOptions): NtpServer {
  const { system, datagrams, budget, changed } = ports;
  const { clock, random } = system;
  const standing = createNtpStanding(showHostPort(options, ntpPort), options.everyMs);
  let running: AbortController | undefined;
  let lastPacketMs = Number.NEGATIVE_INFINITY;
  let reconsiderWait = () => {};

  const burstGapMs = () => (standing.wantsRest() ? standing.roundMs() : Math.min(spacingMs, standing.roundMs()));
  /** Waits until that long after the last packet. */
  const keepApart = async (gapMs: () => number, signal: AbortSignal) => {
    const restMs = () => lastPacketMs + gapMs() - clock.monotonicMs();
    while (restMs() > 0 && !signal.aborted) {
      const changed = new AbortController();
      reconsiderWait = () => changed.abort();
      await sleep(clock, restMs(), AbortSignal.any([signal, changed.signal]));
    }
  };
  /** undefined when it was stopped first. */
  const ask = async (signal: AbortSignal): Promise<NtpAnswer | undefined> => {
    const permit = await budget.acquire({ signal });
    if (!(permit instanceof Permit)) return undefined;
    lastPacketMs = clock.monotonicMs();
    const deadline = createDeadline(clock, answerWithinMs, signal);
    const { answer } = await askNtp({ datagrams, random }, permit, options, deadline);
    deadline.close();
    if (signal.aborted) return undefined;
    lastPacketMs = clock.monotonicMs();
    return answer;
  };
  const round = async (signal: AbortSignal) => {
    const packets = standing.hasReading() || standing.wantsRest() ? 1 : packetsABurst;
    for (let sent = 1; sent <= packets; sent++) {
      const answer = await ask(signal);
      if (!answer) return;
      standing.take(answer, sent > 1);
      changed();
      if (answer.kind === 'refused') return;
      if (sent < packets) await keepApart(burstGapMs, signal);
    }
  };
  const rounds = async (signal: AbortSignal) => {
    await keepApart(burstGapMs, signal);
    while (standing.mayAsk() && !signal.aborted) {
      await round(signal);
      await keepApart(standing.roundMs, signal);
    }
  };
  const start = () => {
    running = new AbortController();
    void rounds(running.signal);
  };

  return {
    start,
    restart() {
      running?.abort();
      standing.forget();
      start();
    },
    setEvery(everyMs) {
      standing.setEvery(everyMs);
      reconsiderWait();
    },
    stop: () => running?.abort(),
    view: standing.view,
  };
}

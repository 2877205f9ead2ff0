import type { ClockDefinition, ClockVerdict } from '../model/clock.ts';
import type { DateWatcher } from '../net/date-watch.ts';
import type { Clock, Timer } from '../system/clock.ts';
import { createClockNews } from './clock-news.ts';
import { createDateOrigins } from './date-origins.ts';
import { judgeClock } from './judge-clock.ts';
import type { NtpServer, NtpServerOptions } from './ntp-server.ts';
import { createWallStep } from './wall-step.ts';

export interface ClockMonitorPorts {
  readonly clock: Clock;
  /** Makes what asks one server; it is not started yet. */
  createServer(options: NtpServerOptions, changed: () => void): NtpServer;
  /** Gets each verdict that says something new: another state, or another source that is outvoted or refused. */
  report(verdict: ClockVerdict): void;
  /** Told that the wall clock went ahead (positive) or back by so many milliseconds, and that measuring begins anew. */
  stepped(byMs: number): void;
}

/** Measures how far this host's clock is from others. It reports, and corrects nothing. */
export interface ClockMonitor {
  /**
   * Takes over a configuration: servers that stay keep what is known of them. `origins` are those that it names, of
   * issuers and targets: no other is heard, and what is known of any other is forgotten.
   */
  configure(definition: ClockDefinition, origins: readonly string[]): void;
  /** Hears what an answer says of its server's clock; ignores the word of an origin that is not named. */
  readonly sawDate: DateWatcher;
  /** As of now. */
  verdict(): ClockVerdict;
  stop(): void;
}

const lookMs = 1_000;

export function createClockMonitor({ clock, createServer, report, stepped }: ClockMonitorPorts): ClockMonitor {
  const origins = createDateOrigins();
  const wall = createWallStep(clock);
  let servers = new Map<string, NtpServer>();
  let namedOrigins: ReadonlySet<string> = new Set();
  let toleranceMs = 0;
  const news = createClockNews(clock.monotonicMs());
  let timer: Timer | undefined;

  const noticeStep = () => {
    const byMs = wall.steppedMs();
    if (byMs === 0) return;
    // A suspended host looks the same, so what was known cannot be carried over.
    origins.forgetAll();
    for (const server of servers.values()) server.restart();
    news.beginAnew(clock.monotonicMs());
    stepped(byMs);
  };
  const verdict = () => {
    noticeStep();
    const nowMs = clock.monotonicMs();
    const wallAheadMs = wall.aheadMs();
    return judgeClock({
      servers: Array.from(servers.values(), (server) => server.view(wallAheadMs)),
      origins: origins.list(nowMs, wallAheadMs),
      toleranceMs,
      nowMs,
    });
  };
  const look = () => {
    const found = verdict();
    if (news.isNews(found, clock.monotonicMs())) report(found);
  };
  const lookOn = () => {
    look();
    timer = clock.after(lookMs, lookOn);
  };

  return {
    configure(definition, named) {
      const { everyMs } = definition;
      const before = servers;
      servers = new Map();
      for (const { host, port } of definition.servers) {
        const key = JSON.stringify([host, port]);
        // A server that is named twice has one vote all the same.
        servers.set(key, servers.get(key) ?? before.get(key) ?? createServer({ host, port, everyMs }, look));
      }
      toleranceMs = definition.toleranceMs;
      namedOrigins = new Set(named);
      origins.keepOnly(namedOrigins);
      for (const [key, server] of before) if (!servers.has(key)) server.stop();
      for (const [key, server] of servers) {
        if (before.has(key)) server.setEvery(everyMs);
        else server.start();
      }
      if (!timer) lookOn();
    },
    sawDate(origin, sighting) {
      // By redirects a target could call up as many voters as it likes; a run under way at a reload, one that is gone.
      if (namedOrigins.has(origin)) origins.saw(origin, sighting);
    },
    verdict,
    stop() {
      timer?.cancel();
      for (const server of servers.values()) server.stop();
    },
  };
}

import { describe, expect, it } from 'vitest';
import type { ClockDefinition, ClockVerdict } from '../../src/model/clock.ts';
import { createClockMonitor } from '../../src/skew/monitor.ts';
import type { NtpServer, NtpServerOptions } from '../../src/skew/ntp-server.ts';
import type { NtpServerView } from '../../src/skew/ntp-standing.ts';
import { createVirtualClock } from '../support/virtual-system.ts';

/** In place of what asks a server: it says what the test lets it say. */
interface FakeNtpServer extends NtpServer {
  readonly options: NtpServerOptions;
  readonly calls: string[];
  say(skewMs: number): void;
  fall(state: 'silent' | 'refused'): void;
}

const api = 'https://api.example.com';
const issuer = 'https://auth.example.com';

function createWorld() {
  const clock = createVirtualClock();
  const servers: FakeNtpServer[] = [];
  const reports: ClockVerdict[] = [];
  const steps: number[] = [];

  const createFakeNtpServer = (options: NtpServerOptions, changed: () => void): FakeNtpServer => {
    const source = options.host;
    const calls: string[] = [];
    let view: NtpServerView = { source, state: 'waiting' };
    return {
      options,
      calls,
      start: () => void calls.push('start'),
      restart() {
        calls.push('restart');
        view = { source, state: 'waiting' };
      },
      setEvery: (everyMs) => void calls.push(`every ${everyMs}`),
      stop: () => void calls.push('stop'),
      view: () => view,
      say(skewMs) {
        const atMs = clock.monotonicMs();
        const reading = { source, kind: 'ntp', skewMs, lowMs: skewMs - 5, highMs: skewMs + 5, atMs } as const;
        view = { source, state: 'answering', reading };
        changed();
      },
      fall(state) {
        view = { source, state, problem: 'no answer came' };
        changed();
      },
    };
  };
  const monitor = createClockMonitor({
    clock,
    createServer(options, changed) {
      const server = createFakeNtpServer(options, changed);
      servers.push(server);
      return server;
    },
    report: (verdict) => void reports.push(verdict),
    stepped: (byMs) => void steps.push(byMs),
  });
  const trueStartMs = clock.wallMs();
  /** An answer of a server whose clock is right, or off by `offMs`, after 40 ms. */
  const answer = async (origin: string, offMs = 0) => {
    const sentMs = clock.monotonicMs();
    const dateMs = Math.floor((trueStartMs + sentMs + 20 + offMs) / 1000) * 1000;
    await clock.advance(40);
    monitor.sawDate(origin, { dateMs, sentMs, receivedMs: sentMs + 40 });
  };
  /** Answers over six seconds, at different points of the second: enough to be believed. */
  const answerOn = async (origin: string, offMs = 0) => {
    for (let run = 0; run < 5; run++) {
      await answer(origin, offMs);
      await clock.advance(1_560);
    }
  };
  return { clock, servers, reports, steps, monitor, answer, answerOn };
}

function definition(hosts: readonly string[], more: Partial<ClockDefinition> = {}): ClockDefinition {
  const servers = hosts.map((host) => ({ host, port: 123 }));
  return { servers, everyMs: 300_000, toleranceMs: 1_000, correctAssertions: false, ...more };
}

const standing = ({ sources }: ClockVerdict) => sources.map(({ source, state }) => `${source} ${state}`);

describe('the clock monitor, with fake NTP servers', () => {
  it('asks nobody where no server is configured', () => {
    const { monitor, servers } = createWorld();
    monitor.configure(definition([]), []);
    expect(servers).toEqual([]);
    expect(monitor.verdict()).toMatchObject({ state: 'unknown', toleranceMs: 1_000, sources: [] });
  });

  it('tells each change of the verdict once, with all sources', async () => {
    const { clock, monitor, servers, reports } = createWorld();
    monitor.configure(definition(['a', 'b', 'c']), []);
    const [a, b, c] = servers as [FakeNtpServer, FakeNtpServer, FakeNtpServer];
    a.say(2);
    b.say(4);
    c.say(3);
    expect(reports.map(({ state }) => state)).toEqual(['ok']);
    await clock.advance(10_000);
    expect(reports).toHaveLength(1);

    c.say(-600_000);
    expect(reports).toHaveLength(2);
    expect(standing(reports[1] as ClockVerdict)).toEqual(['a used', 'b used', 'c outvoted']);
    for (const server of servers) server.say(400_000);
    expect(reports.at(-1)).toMatchObject({ state: 'ahead' });
  });

  it('takes a verdict that is not known for news when it lasts for a minute', async () => {
    const { clock, monitor, servers, reports } = createWorld();
    monitor.configure(definition(['a', 'b', 'c']), []);
    for (const server of servers) server.say(0);
    servers[1]?.fall('silent');
    servers[2]?.fall('silent');
    expect(monitor.verdict().state).toBe('unknown');
    await clock.advance(58_000);
    expect(reports.map(({ state }) => state)).toEqual(['ok']);
    await clock.advance(3_000);
    expect(reports.map(({ state }) => state)).toEqual(['ok', 'unknown']);
    await clock.advance(600_000);
    expect(reports).toHaveLength(2);
  });

  it('finds by Date headers alone how far this host is off, within half a second and a little', async () => {
    const { clock, monitor, answer, reports } = createWorld();
    clock.stepWall(400_000);
    monitor.configure(definition([]), [api, issuer]);
    for (let run = 0; run < 20; run++) {
      await answer(api);
      await answer(issuer);
      await clock.advance(9_970);
    }
    const { state, skewMs = 0, uncertaintyMs = 0 } = monitor.verdict();
    expect(state).toBe('ahead');
    expect(uncertaintyMs).toBeLessThan(600);
    expect(Math.abs(skewMs - 400_000)).toBeLessThan(uncertaintyMs);
    expect(reports.map((report) => report.state)).toEqual(['ahead']);
  });

  it('begins anew when the wall clock is set, and never mixes what was known before with what came after', async () => {
    const { clock, monitor, answerOn, servers, steps } = createWorld();
    monitor.configure(definition(['a']), [api]);
    servers[0]?.say(0);
    await answerOn(api);
    expect(standing(monitor.verdict())).toEqual(['a used', `${api} used`]);

    clock.stepWall(-90_000);
    expect(monitor.verdict().state).toBe('unknown');
    expect(steps).toEqual([-90_000]);
    expect(servers[0]?.calls).toEqual(['start', 'restart']);
    servers[0]?.fall('silent');
    await answerOn(api);
    expect(monitor.verdict()).toMatchObject({ state: 'behind' });
    expect(monitor.verdict().skewMs).toBeCloseTo(-90_000, -4);
    servers[0]?.say(-90_000);
    expect(standing(monitor.verdict())).toEqual(['a used', `${api} used`]);
  });

  it('tells after a step what it finds, though it be the same as before', async () => {
    const { clock, monitor, servers, reports } = createWorld();
    monitor.configure(definition(['a']), []);
    servers[0]?.say(0);
    clock.stepWall(3_600_000);
    await clock.advance(1_000);
    servers[0]?.say(0);
    expect(reports.map(({ state }) => state)).toEqual(['ok', 'ok']);
    await clock.advance(400_000);
    expect(reports).toHaveLength(2);
  });

  it('raises no alarm over a header that stands still for a minute at a time, and says once that it is refused', async () => {
    const { clock, monitor, servers, reports, answerOn } = createWorld();
    monitor.configure(definition(['a']), [api, issuer]);
    servers[0]?.fall('silent');
    await answerOn(issuer);
    for (let run = 0; run < 700; run++) {
      const sentMs = clock.monotonicMs();
      await clock.advance(20);
      const dateMs = Date.UTC(2025, 11, 31, 23) + Math.floor(sentMs / 60_000) * 60_000;
      monitor.sawDate(api, { dateMs, sentMs, receivedMs: sentMs + 20 });
      if (run % 100 === 0) await answerOn(issuer);
      await clock.advance(980);
      expect(['ok', 'unknown']).toContain(monitor.verdict().state);
    }
    const said = reports.map(({ state, sources }) => `${state} ${sources.find(({ source }) => source === api)?.state}`);
    expect(said).toEqual(['ok undefined', 'ok refused']);
  });

  it('tells of a source that comes and goes once in five minutes', async () => {
    const { clock, monitor, servers, reports } = createWorld();
    monitor.configure(definition(['a', 'b', 'c']), []);
    const c = servers[2] as FakeNtpServer;
    for (const server of servers) server.say(0);
    for (let second = 0; second < 900; second += 10) {
      c.say(second % 20 === 0 ? 60_000 : 0);
      await clock.advance(10_000);
    }
    expect(reports.length).toBeGreaterThan(2);
    expect(reports.length).toBeLessThanOrEqual(5);
  });

  it('tells of a verdict that comes and goes once in five minutes', async () => {
    const { clock, monitor, servers, reports } = createWorld();
    monitor.configure(definition(['a']), []);
    for (let second = 0; second < 900; second += 10) {
      servers[0]?.say(second % 20 === 0 ? 60_000 : 0);
      await clock.advance(10_000);
    }
    const states = reports.map(({ state }) => state);
    expect(states.slice(0, 2)).toEqual(['ahead', 'ok']);
    for (const state of ['ahead', 'ok']) expect(states.filter((told) => told === state).length).toBeLessThanOrEqual(3);
  });

  it('tells anew of a source that was gone for a while, by reloads', () => {
    const { monitor, servers, reports } = createWorld();
    for (const hosts of [
      ['a', 'b', 'c'],
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]) {
      monitor.configure(definition(hosts), []);
      for (const server of servers) server.say(server.options.host === 'c' ? 60_000 : 0);
    }
    expect(reports.map((verdict) => standing(verdict).includes('c outvoted'))).toEqual([false, true, true]);
  });

  it('notices a step by itself, and takes what the clock is corrected by bit by bit for none', async () => {
    const { clock, monitor, steps } = createWorld();
    monitor.configure(definition([]), []);
    for (let bit = 0; bit < 20; bit++) {
      clock.stepWall(20);
      await clock.advance(1_000);
    }
    expect(steps).toEqual([]);
    clock.stepWall(60);
    await clock.advance(1_000);
    expect(steps).toEqual([60]);
  });

  it('shifts with a small correction of the wall clock what the headers have told', async () => {
    const { clock, monitor, answerOn } = createWorld();
    monitor.configure(definition([]), [api]);
    await answerOn(api);
    const before = monitor.verdict().skewMs as number;
    clock.stepWall(40);
    expect(monitor.verdict().skewMs).toBeCloseTo(before + 40);
  });

  it('is not led astray by a suspended host, whose wall clock has gone on alone', async () => {
    const { clock, monitor, answerOn } = createWorld();
    monitor.configure(definition([]), [api]);
    await answerOn(api);
    expect(monitor.verdict().state).toBe('ok');
    clock.stepWall(3_600_000);
    expect(monitor.verdict().state).toBe('unknown');
    await answerOn(api, 3_600_000);
    expect(monitor.verdict().state).toBe('ok');
  });

  it('keeps over a reload the servers that stay, stops those that are gone, and starts the new ones', () => {
    const { monitor, servers } = createWorld();
    monitor.configure(definition(['a', 'b', 'a']), []);
    expect(servers.map(({ options }) => options.host)).toEqual(['a', 'b']);
    servers[0]?.say(0);

    monitor.configure(definition(['c', 'a'], { toleranceMs: 2 }), []);
    expect(servers.map(({ calls }) => calls)).toEqual([['start', 'every 300000'], ['start', 'stop'], ['start']]);
    expect(monitor.verdict().sources.map(({ source }) => source)).toEqual(['c', 'a']);
    expect(monitor.verdict().toleranceMs).toBe(2);
  });

  it('hands another interval to the servers that stay, and keeps what is known of them', () => {
    const { monitor, servers } = createWorld();
    monitor.configure(definition(['a']), []);
    servers[0]?.say(7);
    monitor.configure(definition(['a'], { everyMs: 60_000 }), []);
    expect(servers.map(({ calls }) => calls)).toEqual([['start', 'every 60000']]);
    expect(monitor.verdict()).toMatchObject({ state: 'ok', skewMs: 7 });
    const other = { ...definition([]), servers: [{ host: 'a', port: 1123 }] };
    monitor.configure(other, []);
    expect(servers.map(({ options }) => options.port)).toEqual([123, 1123]);
    expect(servers[0]?.calls).toEqual(['start', 'every 60000', 'stop']);
  });

  it('gives no voice to an origin that is not named, however many of them a redirect calls up', async () => {
    const { clock, monitor, answer } = createWorld();
    monitor.configure(definition([]), [api]);
    for (let run = 0; run < 5; run++) {
      await answer(api);
      for (let host = 0; host < 5; host++) await answer(`https://liar-${host}.example.com`, 3_600_000);
      await clock.advance(10_000);
    }
    expect(monitor.verdict().state).toBe('ok');
    expect(standing(monitor.verdict())).toEqual([`${api} used`]);
  });

  it('forgets at once an origin that a reload took away, also when another reload follows and a run ends late', async () => {
    const { monitor, answer } = createWorld();
    monitor.configure(definition([]), [api, issuer]);
    for (const origin of [api, issuer]) await answer(origin);
    monitor.configure(definition([]), [issuer]);
    const sources = () => monitor.verdict().sources.map(({ source }) => source);
    expect(sources()).toEqual([issuer]);
    monitor.configure(definition([]), [issuer]);
    await answer(api);
    expect(sources()).toEqual([issuer]);
    monitor.configure(definition([]), [issuer, api]);
    await answer(api);
    expect(sources()).toEqual([issuer, api]);
  });

  it('lets an origin go that was silent for an hour', async () => {
    const { clock, monitor, answer } = createWorld();
    monitor.configure(definition([]), [api, issuer]);
    await answer(api);
    await answer(issuer);
    await clock.advance(3_500_000);
    await answer(issuer);
    await clock.advance(200_000);
    expect(monitor.verdict().sources.map(({ source }) => source)).toEqual([issuer]);
  });

  it('leaves no timer behind', () => {
    const { clock, monitor, servers } = createWorld();
    monitor.stop();
    monitor.configure(definition(['a']), []);
    monitor.configure(definition(['a']), []);
    expect(clock.pending()).toBe(1);
    monitor.stop();
    expect(clock.pending()).toBe(0);
    expect(servers[0]?.calls).toEqual(['start', 'every 300000', 'stop']);
  });
});

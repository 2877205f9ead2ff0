import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDatagramClient } from '../../src/net/datagram.ts';
import { createDeadline } from '../../src/net/deadline.ts';
import { createResolver } from '../../src/net/resolve.ts';
import { askNtp, sampleOf } from '../../src/skew/ntp-exchange.ts';
import type { NtpHeader } from '../../src/skew/ntp-packet.ts';
import { heldPermit } from '../net/loopback.ts';
import { freeUdpPort, listenUdp } from '../net/udp-loopback.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';
import { startFakeNtpServer } from './fake-ntp-server.ts';
import { encodeReply, goodHeader, toNtpTimestamp, transmitOf } from './ntp-reply.ts';

const trueMs = Date.UTC(2026, 0, 1);

describe('a sample', () => {
  it('tells offset and delay as RFC 5905 section 8 does, with the sign turned: positive is ahead', () => {
    // 10 ms there, 4 ms at the server, 20 ms back, and our clock 500 ms ahead.
    const header = {
      ...goodHeader(1n, trueMs),
      receive: toNtpTimestamp(trueMs + 10),
      transmit: toNtpTimestamp(trueMs + 14),
      rootDelayMs: 8,
      rootDispersionMs: 3,
    };
    const sample = sampleOf(header, {
      sent: { wallMs: trueMs + 500, monotonicMs: 1000 },
      received: { wallMs: trueMs + 534, monotonicMs: 1034 },
    });
    expect(sample).toEqual({
      skewMs: expect.closeTo(505, 3),
      monotonicSkewMs: expect.closeTo(505 - (trueMs + 500 - 1000), 3),
      delayMs: expect.closeTo(30, 3),
      // Half the delay, half the root delay, the root dispersion, and one for our clock's whole milliseconds.
      uncertaintyMs: expect.closeTo(15 + 4 + 3 + 1, 2),
      stratum: 2,
      leap: 0,
      rootDistanceMs: expect.closeTo(7, 2),
      atMs: 1034,
    });
  });

  it('is none when the server says that it held the request longer than we waited', () => {
    const header = { ...goodHeader(1n, trueMs), transmit: toNtpTimestamp(trueMs + 40) };
    const stamps = { sent: { wallMs: trueMs, monotonicMs: 0 }, received: { wallMs: trueMs + 30, monotonicMs: 30 } };
    expect(sampleOf(header, stamps)).toBeUndefined();
  });

  const anyCourse = fc.record({
    skewMs: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    thereMs: fc.double({ min: 0, max: 1000, noNaN: true }),
    backMs: fc.double({ min: 0, max: 1000, noNaN: true }),
    heldMs: fc.double({ min: 0, max: 100, noNaN: true }),
    startMs: fc.double({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2150, 0, 1), noNaN: true }),
    rootDelayMs: fc.double({ min: 0, max: 500, noNaN: true }),
    rootDispersionMs: fc.double({ min: 0, max: 500, noNaN: true }),
    /** How far the server is off, as a share of what it admits. */
    serverError: fc.double({ min: -1, max: 1, noNaN: true }),
    /** What the wall clock is set by on the way, too little to be seen. */
    stepMs: fc.double({ min: -3, max: 3, noNaN: true }),
  });

  it('holds the true skew in its interval, for any skew, delays, asymmetry and error that the server admits', () => {
    fc.assert(
      fc.property(anyCourse, (course) => {
        const { skewMs, thereMs, backMs, heldMs, startMs, rootDelayMs, rootDispersionMs, serverError, stepMs } = course;
        const serverMs = serverError * (rootDelayMs / 2 + rootDispersionMs);
        const header: NtpHeader = {
          ...goodHeader(1n, startMs),
          rootDelayMs,
          rootDispersionMs,
          receive: toNtpTimestamp(startMs + thereMs + serverMs),
          transmit: toNtpTimestamp(startMs + thereMs + heldMs + serverMs),
        };
        const tookMs = thereMs + heldMs + backMs;
        const sample = sampleOf(header, {
          sent: { wallMs: Math.floor(startMs + skewMs), monotonicMs: 7 },
          received: { wallMs: Math.floor(startMs + skewMs + tookMs + stepMs), monotonicMs: 7 + tookMs },
        });
        if (!sample) throw new Error('an honest server was refused');
        for (const true_ of [skewMs, skewMs + stepMs])
          expect(Math.abs(sample.skewMs - true_)).toBeLessThanOrEqual(sample.uncertaintyMs);
        expect(Math.abs(sample.delayMs - thereMs - backMs)).toBeLessThan(0.01);
      }),
      { numRuns: 5000 },
    );
  });
});

/** On virtual time, asking real sockets. */
function createWorld() {
  const system = createVirtualSystem();
  const datagrams = createDatagramClient(system, createResolver(system));
  const deadline = createDeadline(system.clock, 2000);
  const { random } = system;
  const ask = async (port: number) =>
    askNtp({ datagrams, random }, await heldPermit(system), { host: '127.0.0.1', port }, deadline);
  return { system, ask };
}

describe('an exchange with a fake server', () => {
  it('measures how far this host is ahead', async () => {
    const { system, ask } = createWorld();
    const port = await startFakeNtpServer(() => system.clock.wallMs() - 90_000);
    expect(await ask(port)).toEqual({
      phases: { resolve: 0, wait: 0 },
      uncertaintyMs: 0,
      address: '127.0.0.1',
      ipVersion: 4,
      answer: { kind: 'time', sample: expect.objectContaining({ skewMs: 90_000, delayMs: 0, stratum: 2 }) },
    });
  });

  it('measures across the roll-over of 2036', async () => {
    const { system, ask } = createWorld();
    system.clock.stepWall(Date.UTC(2036, 1, 7, 6, 28, 15) - system.clock.wallMs());
    const port = await startFakeNtpServer(() => system.clock.wallMs() + 2000);
    expect(await ask(port)).toMatchObject({ answer: { kind: 'time', sample: { skewMs: -2000 } } });
  });

  it('passes over an answer to another request, and takes the one that comes after', async () => {
    const { system, ask } = createWorld();
    const port = await listenUdp((request, reply) => {
      const nowMs = system.clock.wallMs();
      const transmit = transmitOf(request);
      for (const [origin, wrongMs] of [
        [transmit ^ 1n, 1e6],
        [0n, 2e6],
        [transmit, 0],
      ] as const)
        reply(encodeReply(goodHeader(origin, nowMs + wrongMs)));
    });
    expect(await ask(port)).toMatchObject({ answer: { kind: 'time', sample: { skewMs: 0 } } });
  });

  it('never sends the same transmit timestamp twice, nor our own time', async () => {
    const { system, ask } = createWorld();
    const seen = new Set<bigint>();
    const port = await listenUdp((request, reply) => {
      seen.add(transmitOf(request));
      reply(encodeReply(goodHeader(transmitOf(request), system.clock.wallMs())));
    });
    for (let round = 0; round < 5; round++) await ask(port);
    expect(seen.size).toBe(5);
    const ours = toNtpTimestamp(system.clock.wallMs()) >> 32n;
    expect([...seen].filter((transmit) => transmit >> 32n === ours)).toEqual([]);
  });

  it.each([500, -500, 5, -5])('drops a sample during which our wall clock was set by %d ms', async (stepMs) => {
    const { system, ask } = createWorld();
    const startedMs = system.clock.wallMs();
    const port = await startFakeNtpServer(() => {
      system.clock.stepWall(stepMs);
      return startedMs;
    });
    expect(await ask(port)).toMatchObject({
      answer: { kind: 'none', failure: { phase: 'wait', code: 'CLOCK_STEPPED' } },
    });
  });

  it.each([
    ['is not synchronised', { leap: 3 }, 'NTP_NOT_SYNCHRONISED'],
    ['answers as a client', { mode: 3 }, 'NTP_BAD_REPLY'],
    ['held the request for longer than we waited', { transmit: toNtpTimestamp(trueMs + 60_000) }, 'NTP_BAD_REPLY'],
  ])('refuses one that %s', async (_, change, code) => {
    const { system, ask } = createWorld();
    const port = await startFakeNtpServer(system.clock.wallMs, () => change);
    expect(await ask(port)).toMatchObject({ answer: { kind: 'refused', failure: { phase: 'wait', code } } });
  });

  it.each([
    ['RATE', "the server says that it is asked too often (kiss-o'-death RATE)"],
    ['DENY', "the server refuses this host (kiss-o'-death DENY)"],
    ['RSTR', "the server refuses this host (kiss-o'-death RSTR)"],
    ['STEP', "the server does not tell the time now (kiss-o'-death STEP)"],
  ])('tells of a kiss %s', async (kiss, message) => {
    const { system, ask } = createWorld();
    const port = await startFakeNtpServer(system.clock.wallMs, () => ({ stratum: 0, referenceId: Buffer.from(kiss) }));
    expect(await ask(port)).toMatchObject({
      answer: { kind: 'refused', kiss, failure: { code: 'NTP_KISS_OF_DEATH', message } },
    });
  });

  it('tells how the network failed', async () => {
    const { ask } = createWorld();
    expect(await ask(await freeUdpPort())).toMatchObject({
      answer: { kind: 'none', failure: { code: 'ECONNREFUSED' } },
    });
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { createDatagramClient, type DatagramClient } from '../../src/net/datagram.ts';
import { createBudget } from '../../src/net/limiter.ts';
import { createResolver } from '../../src/net/resolve.ts';
import type { NtpHeader } from '../../src/skew/ntp-packet.ts';
import { createNtpServer } from '../../src/skew/ntp-server.ts';
import { createWallStep } from '../../src/skew/wall-step.ts';
import { createSystem } from '../../src/system/system.ts';
import { createVirtualSystem, settle, type VirtualSystem } from '../support/virtual-system.ts';
import { startFakeNtpServer } from './fake-ntp-server.ts';
import { encodeReply, goodHeader, transmitOf } from './ntp-reply.ts';

/** What comes of a packet: how far our clock is ahead, a header, or nothing within the time. */
interface Reply {
  readonly aheadMs?: number;
  readonly delayMs?: number;
  readonly header?: Partial<NtpHeader>;
}

/** A fake network: each packet is answered by what the test says, on virtual time. */
function createFakeDatagrams(system: VirtualSystem, reply: (index: number) => Reply | 'lost') {
  const sentAtMs: number[] = [];
  const datagrams: DatagramClient = {
    async exchange(permit, { bytes, read }, { signal }) {
      permit.spend();
      sentAtMs.push(system.clock.monotonicMs());
      const told = reply(sentAtMs.length - 1);
      const sent = { wallMs: system.clock.wallMs(), monotonicMs: system.clock.monotonicMs() };
      if (told === 'lost') {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        return { phases: {}, failure: { phase: 'wait', code: 'TIMEOUT', message: 'no answer' } };
      }
      const { aheadMs = 0, delayMs = 10, header } = told;
      const serverMs = sent.wallMs + delayMs / 2 - aheadMs;
      const said = read(encodeReply({ ...goodHeader(transmitOf(bytes), serverMs), ...header }));
      if (said === undefined) throw new Error('the reply was not taken for one');
      const received = { wallMs: sent.wallMs + delayMs, monotonicMs: sent.monotonicMs + delayMs };
      return { phases: {}, answer: { said, sent, received } };
    },
  };
  return { datagrams, sentAtMs };
}

function createWorld(reply: (index: number) => Reply | 'lost', everyMs = 300_000) {
  const system = createVirtualSystem();
  const { datagrams, sentAtMs } = createFakeDatagrams(system, reply);
  const budget = createBudget(system.clock, { name: 'ntp', ratePerSecond: 1, burst: 4, reserveForTokens: 0 });
  let changes = 0;
  const changed = () => {
    changes += 1;
  };
  const server = createNtpServer({ system, datagrams, budget, changed }, { host: 'time.example', port: 123, everyMs });
  onTestFinished(() => server.stop());
  const view = () => server.view(system.clock.wallMs() - system.clock.monotonicMs());
  return { system, server, view, sentAtMs, budget, changes: () => changes };
}

const kiss = (code: string): Reply => ({ header: { stratum: 0, referenceId: Buffer.from(code) } });

describe('a time server on a fake network', () => {
  it('is asked in a burst at start, with two seconds between, and then once every so often', async () => {
    const { system, server, view, sentAtMs, changes } = createWorld(() => ({}));
    expect(view()).toEqual({ source: 'time.example', state: 'waiting' });
    server.start();
    await system.clock.advance(700_000);
    expect(sentAtMs).toEqual([0, 2000, 4000, 6000, 306_000, 606_000]);
    expect(changes()).toBe(6);
  });

  it('is asked no faster than every so often in a burst either', async () => {
    const { system, server, sentAtMs } = createWorld(() => ({}), 1000);
    server.start();
    await system.clock.advance(5500);
    expect(sentAtMs).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
  });

  it('tells the sample of least delay of its burst, from the first on, and then the newest', async () => {
    const delaysMs = [40, 60, 20, 30, 200];
    const { system, server, view } = createWorld((index) => ({ aheadMs: 1000 + index, delayMs: delaysMs[index] ?? 0 }));
    const toldMs: (number | undefined)[] = [];
    server.start();
    for (const untilMs of [0, 2000, 2000, 2000, 300_000]) {
      await system.clock.advance(untilMs);
      await settle();
      toldMs.push(view().reading?.skewMs);
    }
    expect(toldMs.map((ms) => Math.round(ms ?? 0))).toEqual([1000, 1000, 1002, 1002, 1004]);
    expect(view()).toEqual({
      source: 'time.example',
      state: 'answering',
      stratum: 2,
      reading: {
        source: 'time.example',
        kind: 'ntp',
        skewMs: expect.closeTo(1004, 2),
        lowMs: expect.closeTo(1004 - 100 - 1, 1),
        highMs: expect.closeTo(1004 + 100 + 1, 1),
        atMs: 306_200,
      },
    });
  });

  it('may lose one packet, and is silent without a reading when it loses two', async () => {
    const { system, server, view, sentAtMs } = createWorld((index) => (index < 4 ? {} : 'lost'));
    server.start();
    await system.clock.advance(306_000 + 2000);
    expect(view()).toMatchObject({ state: 'answering', problem: 'no answer', reading: {} });
    await system.clock.advance(300_000 + 2000);
    expect(view()).toEqual({ source: 'time.example', state: 'silent', problem: 'no answer' });
    await system.clock.advance(300_000 + 6000);
    expect(sentAtMs.slice(6)).toEqual([910_000, 914_000]);
  });

  it('is asked in bursts until it answers', async () => {
    const { system, server, view, sentAtMs } = createWorld((index) => (index < 5 ? 'lost' : {}));
    server.start();
    await system.clock.advance(2000);
    expect(view()).toMatchObject({ state: 'silent' });
    await system.clock.advance(330_000);
    expect(sentAtMs).toEqual([0, 4000, 8000, 12_000, 314_000, 318_000, 320_000, 322_000]);
    expect(view().state).toBe('answering');
    expect(view().problem).toBeUndefined();
  });

  it('loses its reading as soon as it says that it is not synchronised, and the burst ends', async () => {
    const { system, server, view, sentAtMs } = createWorld((index) => (index === 4 ? { header: { leap: 3 } } : {}));
    server.start();
    await system.clock.advance(306_000);
    expect(view()).toEqual({
      source: 'time.example',
      state: 'refused',
      problem: 'it says that its clock is not synchronised',
    });
    await system.clock.advance(302_000);
    expect(sentAtMs.slice(5)).toEqual([606_000, 608_000]);
  });

  it.each(['DENY', 'RSTR'])('that says %s is never asked again', async (code) => {
    const { system, server, view, sentAtMs } = createWorld((index) => (index === 1 ? kiss(code) : {}));
    server.start();
    await system.clock.advance(2000);
    const refused = { source: 'time.example', state: 'refused', problem: expect.stringContaining(code) };
    expect(view()).toEqual(refused);
    server.restart();
    await system.clock.advance(30 * 86_400_000);
    expect(sentAtMs).toEqual([0, 2000]);
    expect(view()).toEqual(refused);
    expect(system.clock.pending()).toBe(0);
  });

  it('that says RATE is asked half as often each time, and keeps its reading', async () => {
    const { system, server, view, sentAtMs } = createWorld((index) => (index === 1 || index === 2 ? kiss('RATE') : {}));
    server.start();
    await system.clock.advance(2000 + 600_000 + 1_200_000 + 1_200_000);
    expect(sentAtMs).toEqual([0, 2000, 602_000, 1_802_000, 3_002_000]);
    expect(view()).toMatchObject({ state: 'answering' });
  });

  it('that says RATE before it has told the time is refused, and asked again later', async () => {
    const { system, server, view, sentAtMs } = createWorld((index) => (index === 0 ? kiss('RATE') : {}));
    server.start();
    await settle();
    expect(view()).toMatchObject({ state: 'refused', problem: expect.stringContaining('RATE') });
    await system.clock.advance(600_000);
    expect(sentAtMs).toEqual([0, 600_000]);
    expect(view().state).toBe('answering');
  });

  it('that said RATE keeps its rest over steps of the wall clock, and gets no burst after it', async () => {
    const { system, server, view, sentAtMs } = createWorld((index) => (index === 1 ? kiss('RATE') : {}));
    server.start();
    await system.clock.advance(2000);
    for (let step = 1; step <= 10; step++) {
      server.restart();
      expect(view()).toEqual({
        source: 'time.example',
        state: 'refused',
        problem: expect.stringContaining('RATE'),
      });
      await system.clock.advance(1000);
    }
    await system.clock.advance(600_000 + 580_000);
    expect(sentAtMs).toEqual([0, 2000, 602_000]);
    expect(view().state).toBe('answering');
    server.restart();
    await system.clock.advance(1_200_000);
    expect(sentAtMs.slice(3)).toEqual([1_202_000, 1_802_000]);
  });

  it('is not asked faster than a burst by steps of the wall clock that come one upon the other', async () => {
    const { system, server, sentAtMs } = createWorld(() => ({}));
    server.start();
    for (let step = 1; step <= 10; step++) {
      await system.clock.advance(1000);
      server.restart();
    }
    await system.clock.advance(1000);
    expect(sentAtMs).toEqual([0, 2000, 4000, 6000, 8000, 10_000]);
  });

  it.each([
    ['sooner', 60_000, [66_000, 126_000]],
    ['at once, when it would have been before,', 5000, [50_000, 55_000, 60_000]],
    ['later', 600_000, [606_000]],
  ])('is asked %s when the interval is changed, and keeps its reading', async (_, everyMs, expectedMs) => {
    const { system, server, view, sentAtMs } = createWorld(() => ({}));
    server.start();
    await system.clock.advance(50_000);
    server.setEvery(everyMs);
    expect(view().state).toBe('answering');
    await system.clock.advance((expectedMs.at(-1) ?? 0) - 50_000);
    expect(sentAtMs.slice(4)).toEqual(expectedMs);
  });

  it('keeps its rest, or its peace, when the interval is changed', async () => {
    const rate = createWorld((index) => (index === 0 ? kiss('RATE') : {}));
    rate.server.start();
    await rate.system.clock.advance(2000);
    rate.server.setEvery(1000);
    await rate.system.clock.advance(1_200_000);
    expect(rate.sentAtMs).toEqual([0, 600_000, 1_200_000]);
    const deny = createWorld(() => kiss('DENY'));
    deny.server.start();
    await deny.system.clock.advance(2000);
    deny.server.setEvery(1000);
    await deny.system.clock.advance(86_400_000);
    expect(deny.sentAtMs).toEqual([0]);
    expect(deny.system.clock.pending()).toBe(0);
  });

  it.each([
    ['36 hours', 300_000, 2 ** 17 * 1000],
    ['what was configured, when that is longer', 2 * 86_400_000, 2 * 86_400_000],
  ])('is asked more seldom up to %s', async (_, everyMs, expectedMs) => {
    const { system, server, sentAtMs } = createWorld(() => kiss('RATE'), everyMs);
    server.start();
    await system.clock.advance(60 * 86_400_000);
    const [last = 0, before = 0] = sentAtMs.toReversed();
    expect(last - before).toBe(expectedMs);
  });

  it('forgets its reading on a restart, and is asked in a burst again', async () => {
    const { system, server, view, sentAtMs } = createWorld((index) => (index < 4 ? {} : 'lost'));
    server.start();
    await system.clock.advance(100_000);
    server.restart();
    expect(view()).toEqual({ source: 'time.example', state: 'waiting' });
    await system.clock.advance(10_000);
    expect(sentAtMs.slice(4)).toEqual([100_000, 104_000, 108_000]);
  });

  it('is not asked once it was stopped, whether it waited for a permit, an answer or its time', async () => {
    for (const stopAtMs of [0, 1000, 5000]) {
      const { system, server, view, budget, sentAtMs } = createWorld(() => 'lost');
      if (stopAtMs === 0) for (let taken = 0; taken < 4; taken++) await budget.acquire();
      server.start();
      await system.clock.advance(stopAtMs);
      const sent = sentAtMs.length;
      server.stop();
      await system.clock.advance(1_000_000);
      expect(sentAtMs).toHaveLength(sent);
      expect(system.clock.pending()).toBe(0);
      expect(view().state).toBe(stopAtMs === 5000 ? 'silent' : 'waiting');
    }
  });
});

it('a fake server on a real socket is measured on real time, and the truth lies in its interval', async () => {
  const system = createSystem();
  const port = await startFakeNtpServer(() => system.clock.wallMs() + 250);
  const datagrams = createDatagramClient(system, createResolver(system));
  const budget = createBudget(system.clock, { name: 'ntp', ratePerSecond: 1, burst: 4, reserveForTokens: 0 });
  const wall = createWallStep(system.clock);
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  // A machine that is held up while it reads its clocks drops the sample: another comes.
  const changed = () => {
    if (server.view(wall.aheadMs()).reading) resolve();
  };
  const server = createNtpServer({ system, datagrams, budget, changed }, { host: '127.0.0.1', port, everyMs: 300_000 });
  onTestFinished(() => server.stop());
  server.start();
  await answered;
  const { source, reading } = server.view(wall.aheadMs());
  expect(source).toBe(`127.0.0.1:${port}`);
  expect(reading?.lowMs).toBeLessThanOrEqual(-250);
  expect(reading?.highMs).toBeGreaterThanOrEqual(-250);
});

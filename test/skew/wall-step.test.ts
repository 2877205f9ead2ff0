import { expect, it, onTestFinished } from 'vitest';
import type { DatagramClient } from '../../src/net/datagram.ts';
import { createBudget } from '../../src/net/limiter.ts';
import { createClockMonitor } from '../../src/skew/monitor.ts';
import { createNtpServer } from '../../src/skew/ntp-server.ts';
import { createVirtualSystem, settle } from '../support/virtual-system.ts';
import { encodeReply, goodHeader, transmitOf } from './ntp-reply.ts';

/** A monitor of one server that tells true time without delay, over a fake network. */
async function createWorld() {
  const system = createVirtualSystem();
  const { clock } = system;
  const aheadAtStartMs = clock.wallMs();
  let asked = 0;
  const datagrams: DatagramClient = {
    exchange(permit, { bytes, read }) {
      permit.spend();
      asked += 1;
      const stamp = { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
      const said = read(encodeReply(goodHeader(transmitOf(bytes), aheadAtStartMs + stamp.monotonicMs)));
      if (said === undefined) throw new Error('the reply was not taken for one');
      return Promise.resolve({ phases: {}, answer: { said, sent: stamp, received: stamp } });
    },
  };
  const budget = createBudget(clock, { name: 'ntp', ratePerSecond: 10, burst: 10, reserveForTokens: 0 });
  const steps: number[] = [];
  const monitor = createClockMonitor({
    clock,
    createServer: (options, changed) => createNtpServer({ system, datagrams, budget, changed }, options),
    report: () => {},
    stepped: (byMs) => void steps.push(byMs),
  });
  onTestFinished(() => monitor.stop());
  const servers = [{ host: 'time.example', port: 123 }];
  monitor.configure({ servers, everyMs: 3_600_000, toleranceMs: 1000, correctAssertions: false }, []);
  await clock.advance(10_000);
  return { clock, monitor, steps, asked: () => asked };
}

it.each([49, -49])(
  'steps of %d ms move the verdict at once and exactly, however many, without a packet',
  async (stepMs) => {
    const { clock, monitor, steps, asked } = await createWorld();
    expect(monitor.verdict()).toMatchObject({ state: 'ok', skewMs: expect.closeTo(0, 2) });
    const { uncertaintyMs: uncertaintyBeforeMs = Number.NaN } = monitor.verdict();
    const askedBefore = asked();
    for (let step = 1; step <= 40; step++) {
      clock.stepWall(stepMs);
      const { skewMs, uncertaintyMs } = monitor.verdict();
      expect(skewMs).toBeCloseTo(step * stepMs, 2);
      expect(uncertaintyMs).toBeCloseTo(uncertaintyBeforeMs + (step - 1) * 0.1, 1);
      await clock.advance(1000);
    }
    expect(monitor.verdict().state).toBe(stepMs > 0 ? 'ahead' : 'behind');
    expect(asked()).toBe(askedBefore);
    expect(steps).toEqual([]);
  },
);

it('a wall clock that runs apart from the monotonic one takes the verdict along', async () => {
  const { clock, monitor } = await createWorld();
  for (let second = 1; second <= 600; second++) {
    clock.stepWall(0.5);
    await clock.advance(1000);
    const { skewMs = Number.NaN, uncertaintyMs = Number.NaN } = monitor.verdict();
    expect(Math.abs(skewMs - second * 0.5)).toBeLessThanOrEqual(uncertaintyMs);
  }
  expect(monitor.verdict().skewMs).toBeCloseTo(300, 0);
});

it('a step of 50 ms is measured anew by a burst', async () => {
  const { clock, monitor, steps, asked } = await createWorld();
  const askedBefore = asked();
  clock.stepWall(50);
  expect(monitor.verdict().state).toBe('unknown');
  await settle();
  expect(monitor.verdict()).toMatchObject({ state: 'ok', skewMs: expect.closeTo(50, 2) });
  await clock.advance(10_000);
  expect(asked() - askedBefore).toBe(4);
  expect(steps).toEqual([50]);
});

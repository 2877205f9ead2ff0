import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createClock } from '../../src/system/clock.ts';
import { createLoopLag } from '../../src/system/loop-lag.ts';

/** An event loop whose time passes as a test says. */
function scriptedLoop() {
  let nowMs = 1000;
  let restedMs = 400;
  let turned = () => {};
  const lagMs = createLoopLag({
    nowMs: () => nowMs,
    restedMs: () => restedMs,
    afterTurn(callback) {
      turned = callback;
    },
  });
  return {
    lagMs,
    work(ms: number) {
      nowMs += ms;
    },
    rest(ms: number) {
      nowMs += ms;
      restedMs += ms;
    },
    endTurn: () => turned(),
  };
}

describe('the lag of an event (scripted loop)', () => {
  it('is what was done since the loop rested', () => {
    const loop = scriptedLoop();
    loop.work(50);
    loop.endTurn();
    loop.work(1);
    loop.rest(20);
    loop.work(3);
    expect(loop.lagMs()).toBe(4);
  });

  it('reaches back into the turn before when the loop has not rested', () => {
    const loop = scriptedLoop();
    loop.endTurn();
    loop.rest(20);
    loop.work(5);
    loop.endTurn();
    loop.work(2);
    expect(loop.lagMs()).toBe(7);
  });

  it('reaches back no further, since the loop has looked for events between the turns', () => {
    const loop = scriptedLoop();
    for (const workMs of [500, 5, 3]) {
      loop.work(workMs);
      loop.endTurn();
    }
    loop.work(1);
    expect(loop.lagMs()).toBe(4);
  });
});

describe('the lag of a real event', () => {
  it('is no less than the time for which the process was busy after it came', async () => {
    const clock = createClock();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [accepted]: Socket[] = await once(server, 'connection');
    const lag = new Promise<number>((resolve) => accepted?.once('data', () => resolve(clock.lagMs())));
    socket.write('it is there before this turn goes on');
    const sinceMs = clock.monotonicMs();
    while (clock.monotonicMs() < sinceMs + 20);
    expect(await lag).toBeGreaterThanOrEqual(20);
    socket.destroy();
    server.close();
  });
});

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createClock } from '../../src/system/clock.ts';
import { type EventTime, watchLoop } from '../../src/system/loop-watch.ts';

/** An event loop whose time passes as a test says; `event` tells how long ago the event was. */
function scriptedLoop() {
  let nowMs = 1000;
  let restedMs = 400;
  let turned = () => {};
  const event = watchLoop({
    nowMs: () => nowMs,
    restedMs: () => restedMs,
    afterTurn(callback) {
      turned = callback;
    },
  });
  return {
    event() {
      const { nowMs: toldMs, atMs, earliestMs } = event();
      expect(toldMs).toBe(nowMs);
      return { likely: nowMs - atMs, most: nowMs - earliestMs };
    },
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

describe('an event (scripted loop)', () => {
  it('that woke the loop was when the rest ended, give or take what was done before it', () => {
    const loop = scriptedLoop();
    loop.work(50);
    loop.endTurn();
    loop.work(1);
    loop.rest(20);
    loop.work(3);
    expect(loop.event()).toEqual({ likely: 4, most: 4 });
  });

  it('is known the better the later somebody looked before the rest', () => {
    const loop = scriptedLoop();
    loop.endTurn();
    loop.work(30);
    loop.event();
    loop.work(1);
    loop.rest(20);
    loop.work(3);
    expect(loop.event()).toEqual({ likely: 4, most: 4 });
    loop.work(2);
    expect(loop.event()).toEqual({ likely: 6, most: 6 });
  });

  it('that came while the turn before was busy is found at its end, and was after its rest', () => {
    const loop = scriptedLoop();
    loop.endTurn();
    loop.rest(20);
    loop.work(5);
    loop.endTurn();
    loop.work(2);
    expect(loop.event()).toEqual({ likely: 2, most: 7 });
  });

  it('was no earlier than the turn before, since the loop has looked for events in between', () => {
    const loop = scriptedLoop();
    for (const workMs of [500, 5, 3]) {
      loop.work(workMs);
      loop.endTurn();
    }
    loop.work(1);
    expect(loop.event()).toEqual({ likely: 1, most: 4 });
  });
});

describe('a real event', () => {
  it('may have been before all that the process did since it came', async () => {
    const clock = createClock();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [accepted]: Socket[] = await once(server, 'connection');
    const arrival = new Promise<EventTime>((resolve) => accepted?.once('data', () => resolve(clock.event())));
    const sentMs = clock.monotonicMs();
    socket.write('it is there before this turn goes on');
    while (clock.monotonicMs() < sentMs + 20);
    expect((await arrival).earliestMs).toBeLessThanOrEqual(sentMs);
    socket.destroy();
    server.close();
  });
});

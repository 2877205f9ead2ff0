import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createDeadline, DeadlineReached } from '../../src/net/deadline.ts';
import { createClock } from '../../src/system/clock.ts';
import { createVirtualClock } from '../support/virtual-system.ts';

describe('a deadline', () => {
  it('aborts when its time is used up', async () => {
    const clock = createVirtualClock();
    const deadline = createDeadline(clock, 1000);
    await clock.advance(999);
    expect(deadline.signal.aborted).toBe(false);
    expect(deadline.remainingMs()).toBe(1);
    await clock.advance(1);
    expect(deadline.signal.reason).toBeInstanceOf(DeadlineReached);
    expect(deadline.remainingMs()).toBe(0);
  });

  it('looks for an answer once more before it gives up, for this process may have been busy when it came', async () => {
    const clock = createClock();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [accepted]: Socket[] = await once(server, 'connection');
    const answered = new Promise<boolean>((resolve) => socket.once('data', () => resolve(deadline.signal.aborted)));
    accepted?.write('in time');
    const deadline = createDeadline(clock, 5);
    while (deadline.remainingMs() > 0);
    expect(await answered).toBe(false);
    await once(deadline.signal, 'abort');
    socket.destroy();
    server.close();
  });

  it('gives up later when it is paused in the last moment', async () => {
    const clock = createVirtualClock();
    const deadline = createDeadline(clock, 1000);
    clock.after(1000, deadline.pause);
    await clock.advance(1000);
    expect(deadline.signal.aborted).toBe(false);
    deadline.resume();
    await clock.advance(0);
    expect(deadline.signal.aborted).toBe(true);
  });

  it('stands still while it is paused', async () => {
    const clock = createVirtualClock();
    const deadline = createDeadline(clock, 1000);
    await clock.advance(400);
    deadline.pause();
    await clock.advance(60_000);
    expect(deadline.remainingMs()).toBe(600);
    deadline.resume();
    deadline.resume();
    await clock.advance(599);
    expect(deadline.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(deadline.signal.aborted).toBe(true);
  });

  it('needs one timer, however often it is paused', async () => {
    const clock = createVirtualClock();
    const deadline = createDeadline(clock, 1000);
    for (let request = 0; request < 3; request++) {
      deadline.pause();
      deadline.resume();
    }
    expect(clock.pending()).toBe(1);
    await clock.advance(1000);
    expect(deadline.signal.aborted).toBe(true);
  });

  it('is cancelled at once by a signal that was aborted before', () => {
    const deadline = createDeadline(createVirtualClock(), 1000, AbortSignal.abort('shutdown'));
    expect(deadline.signal.reason).toBe('shutdown');
  });

  it('hears of no cancelling once it is closed', () => {
    const stop = new AbortController();
    const clock = createVirtualClock();
    const [closed, open] = [createDeadline(clock, 1000, stop.signal), createDeadline(clock, 1000, stop.signal)];
    closed.close();
    closed.close();
    stop.abort('shutdown');
    expect(closed.signal.aborted).toBe(false);
    expect(open.signal.reason).toBe('shutdown');
  });

  it('ends early, with its reason, when the run is cancelled', () => {
    const stop = new AbortController();
    const deadline = createDeadline(createVirtualClock(), 1000, stop.signal);
    stop.abort('shutdown');
    expect(deadline.signal.reason).toBe('shutdown');
  });

  it('leaves no timer behind', () => {
    const clock = createVirtualClock();
    createDeadline(clock, 1000).close();
    expect(clock.pending()).toBe(0);
  });
});

import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/net/address.ts';
import { dial } from '../../src/net/dial.ts';
import { createVirtualClock } from '../support/virtual-system.ts';
import { freePort, hasLoopbackIp6, listen } from './loopback.ts';

const never = new AbortController().signal;
const four: Address = { address: '127.0.0.1', family: 4 };
const six: Address = { address: '::1', family: 6 };
const hasIp6 = await hasLoopbackIp6();

describe('a dial on loopback', () => {
  it('connects, tells the address, and leaves no timer', async () => {
    const clock = createVirtualClock();
    const port = await listen(createServer());
    const dialled = await dial(clock, [four], { port, signal: never });
    expect(dialled).toMatchObject({ address: '127.0.0.1', ipVersion: 4 });
    expect(dialled.socket.remotePort).toBe(port);
    expect(clock.pending()).toBe(0);
    dialled.socket.destroy();
  });

  it('falls back to the address that listens', async () => {
    const clock = createVirtualClock();
    const port = await listen(createServer());
    const dialled = await dial(clock, [six, four], { port, signal: never });
    expect(dialled.address).toBe('127.0.0.1');
    expect(clock.pending()).toBe(0);
    dialled.socket.destroy();
  });

  it('tells that nobody listens', async () => {
    const port = await freePort();
    await expect(dial(createVirtualClock(), [four], { port, signal: never })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  it.runIf(hasIp6)('reaches an IPv6 address', async () => {
    const port = await listen(createServer(), '::1');
    const dialled = await dial(createVirtualClock(), [four, six], { port, prefer: 'ip4', signal: never });
    expect(dialled).toMatchObject({ address: '::1', ipVersion: 6 });
    dialled.socket.destroy();
  });

  it('survives an error of the socket after it has connected', async () => {
    const port = await listen(createServer());
    const { socket } = await dial(createVirtualClock(), [four], { port, signal: never });
    socket.destroy(new Error('later'));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(socket.destroyed).toBe(true);
  });
});

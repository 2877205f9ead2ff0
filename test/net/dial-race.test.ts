import type { Socket } from 'node:net';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Address } from '../../src/net/address.ts';
import { type DialOptions, dial } from '../../src/net/dial.ts';
import { createVirtualClock } from '../support/virtual-system.ts';

/** The sockets that were opened by address, in order; the network is virtual, so that it can be as slow as wanted. */
const opened = vi.hoisted(() => new Map<string, Socket>());

vi.mock('node:net', async (original) => {
  const net = await original<typeof import('node:net')>();
  const connect = ({ host }: { host: string }) => {
    const socket = new net.Socket();
    opened.set(host, socket);
    return socket;
  };
  return { ...net, connect };
});

const never = new AbortController().signal;
const addresses = (...texts: string[]): Address[] =>
  texts.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

const opens = () => [...opened.keys()];
const socketTo = (address: string) => opened.get(address) as Socket;
const accept = (address: string) => socketTo(address).emit('connect');
const refuse = (address: string, code = 'ECONNREFUSED') =>
  socketTo(address).destroy(Object.assign(new Error(`connect ${code} ${address}`), { code }));

function race(texts: readonly string[], options: Partial<DialOptions> = {}) {
  const clock = createVirtualClock();
  const dialling = dial(clock, addresses(...texts), { port: 443, signal: never, ...options });
  dialling.catch(() => {});
  return { clock, dialling };
}

beforeEach(() => opened.clear());

describe('a dial over a virtual network', () => {
  it('gives IPv6 a head start of 250 ms, then the families take turns', async () => {
    const { clock, dialling } = race(['10.0.0.1', '10.0.0.2', 'fd00::1']);
    expect(opens()).toEqual(['fd00::1']);
    await clock.advance(249);
    expect(opens()).toHaveLength(1);
    await clock.advance(1);
    expect(opens()).toEqual(['fd00::1', '10.0.0.1']);
    await clock.advance(250);
    expect(opens()).toEqual(['fd00::1', '10.0.0.1', '10.0.0.2']);

    accept('10.0.0.1');
    expect(await dialling).toMatchObject({ address: '10.0.0.1', ipVersion: 4, socket: socketTo('10.0.0.1') });
    expect(socketTo('fd00::1').destroyed).toBe(true);
    expect(socketTo('10.0.0.2').destroyed).toBe(true);
    expect(socketTo('10.0.0.1').destroyed).toBe(false);
    expect(clock.pending()).toBe(0);
  });

  it('goes on at once when an attempt fails, with a new head start for the next', async () => {
    const { clock } = race(['fd00::1', '10.0.0.1', '10.0.0.2']);
    await clock.advance(200);
    refuse('fd00::1');
    await clock.advance(0);
    expect(opens()).toEqual(['fd00::1', '10.0.0.1']);
    await clock.advance(249);
    expect(opens()).toHaveLength(2);
    await clock.advance(1);
    expect(opens()).toHaveLength(3);
  });

  it('tries the other family only when the whole preferred one has failed', async () => {
    const { clock, dialling } = race(['fd00::1', 'fd00::2', '10.0.0.1'], { prefer: 'ip6' });
    await clock.advance(10_000);
    expect(opens()).toEqual(['fd00::1', 'fd00::2']);
    refuse('fd00::2');
    await clock.advance(10_000);
    expect(opens()).toHaveLength(2);
    refuse('fd00::1');
    await clock.advance(0);
    accept('10.0.0.1');
    expect(await dialling).toMatchObject({ address: '10.0.0.1' });
  });

  it('begins with the other family when the preferred one has no address', async () => {
    race(['fd00::1'], { prefer: 'ip4' });
    expect(opens()).toEqual(['fd00::1']);
  });

  it.each([
    ['ENETUNREACH', 'ECONNREFUSED', 'ECONNREFUSED'],
    ['ECONNREFUSED', 'ENETUNREACH', 'ECONNREFUSED'],
    ['EHOSTUNREACH', 'ETIMEDOUT', 'ETIMEDOUT'],
    ['EADDRNOTAVAIL', 'EHOSTUNREACH', 'EHOSTUNREACH'],
  ])('after %s and %s tells %s', async (first, second, told) => {
    const { clock, dialling } = race(['fd00::1', '10.0.0.1']);
    refuse('fd00::1', first);
    await clock.advance(0);
    refuse('10.0.0.1', second);
    await expect(dialling).rejects.toMatchObject({ code: told });
  });

  it('leaves no socket and no timer when it is aborted', async () => {
    const controller = new AbortController();
    const { clock, dialling } = race(['fd00::1', '10.0.0.1', '10.0.0.2'], { signal: controller.signal });
    await clock.advance(250);
    controller.abort('enough');
    await expect(dialling).rejects.toBe('enough');
    expect([...opened.values()].every(({ destroyed }) => destroyed)).toBe(true);
    expect(opened.size).toBe(2);
    expect(clock.pending()).toBe(0);
  });

  it('opens nothing more for an attempt whose failure is told after the abort', async () => {
    const controller = new AbortController();
    const { clock, dialling } = race(['fd00::1', '10.0.0.1'], { signal: controller.signal });
    refuse('fd00::1');
    controller.abort('enough');
    await expect(dialling).rejects.toBe('enough');
    await clock.advance(1000);
    expect(opens()).toEqual(['fd00::1']);
  });

  it('opens each address at most once, ends with the first that accepts, and leaves nothing else', async () => {
    const hosts = ['fd00::1', '10.0.0.1', 'fd00::2', '10.0.0.2', '10.0.0.3'];
    const deed = fc.record({ ms: fc.nat(400), host: fc.constantFrom(...hosts), accepts: fc.boolean() });
    const prefer = fc.constantFrom<DialOptions['prefer']>('ip4', 'ip6', undefined);
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 15 }), prefer, async (deeds, preference) => {
        opened.clear();
        const controller = new AbortController();
        const { clock, dialling } = race(hosts, { prefer: preference, signal: controller.signal });
        let winner: string | undefined;
        for (const { ms, host, accepts } of deeds) {
          await clock.advance(ms);
          const socket = opened.get(host);
          if (!socket || socket.destroyed || winner) continue;
          if (accepts) winner = host;
          if (accepts) accept(host);
          else refuse(host);
        }
        controller.abort('end');
        const told = await dialling.then(
          ({ address }) => address,
          () => undefined,
        );
        await clock.advance(1000);
        expect(told).toBe(winner);
        for (const [host, socket] of opened) expect(socket.destroyed).toBe(host !== winner);
        expect(clock.pending()).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});

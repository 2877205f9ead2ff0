import { createSocket, type Socket } from 'node:dgram';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Address } from '../../src/net/address.ts';
import { createDatagramClient, type DatagramRequest } from '../../src/net/datagram.ts';
import { createDeadline } from '../../src/net/deadline.ts';
import { createResolver, ResolveError, type Resolver } from '../../src/net/resolve.ts';
import { createVirtualSystem, settle } from '../support/virtual-system.ts';
import { hasLoopbackIp6, heldPermit } from './loopback.ts';
import { freeUdpPort, listenUdp } from './udp-loopback.ts';

const hasIp6 = await hasLoopbackIp6();

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** On virtual time: nothing runs out unless the test says so. */
function createWorld(resolver?: Resolver) {
  const system = createVirtualSystem();
  const stopping = new AbortController();
  const deadline = createDeadline(system.clock, 5000, stopping.signal);
  const client = createDatagramClient(system, resolver ?? createResolver(system));
  const ask = async (port: number, request: Partial<DatagramRequest<string>> = {}) =>
    client.exchange(
      await heldPermit(system),
      { host: '127.0.0.1', port, bytes: Buffer.from('ping'), read: text, ...request },
      deadline,
    );
  return { system, deadline, client, ask, stop: () => stopping.abort() };
}

const resolvesTo = (...addresses: Address[]): Resolver => ({ resolve: () => Promise.resolve(addresses) });

describe('one datagram', () => {
  it('is sent, and its answer told, with the moments of both on both clocks', async () => {
    const { system, ask } = createWorld();
    const port = await listenUdp((request, reply) => {
      void system.clock.advance(30).then(() => {
        system.clock.stepWall(1000);
        reply(Buffer.from(`${request} pong`));
      });
    });
    const startedWallMs = system.clock.wallMs();
    expect(await ask(port)).toEqual({
      phases: { resolve: 0, wait: 30 },
      uncertaintyMs: 0,
      address: '127.0.0.1',
      ipVersion: 4,
      answer: {
        said: 'ping pong',
        sent: { wallMs: startedWallMs, monotonicMs: 0 },
        received: { wallMs: startedWallMs + 1030, monotonicMs: 30 },
      },
    });
  });

  it('is on its way only once the wall clock is read finely, which takes a while', async () => {
    const system = createVirtualSystem();
    let nowMs = 0;
    const goOn = () => {
      nowMs += 0.001;
      return nowMs;
    };
    const clock = { ...system.clock, monotonicMs: goOn, wallMs: () => Math.floor(goOn() + 0.5) };
    const { exchange } = createDatagramClient({ ...system, clock }, resolvesTo({ address: '127.0.0.1', family: 4 }));
    const port = await listenUdp((request, reply) => reply(request));
    const request = { host: '127.0.0.1', port, bytes: Buffer.from('ping'), read: text };
    const { answer } = await exchange(await heldPermit(system), request, createDeadline(system.clock, 5000));
    const { sent, received } = answer ?? expect.fail('there is no answer');
    expect(received.monotonicMs - sent.monotonicMs).toBeLessThan(0.05);
    expect(sent.wallMs - sent.monotonicMs).toBeCloseTo(0.5, 1);
  });

  it('is waited for past others that do not answer it', async () => {
    const port = await listenUdp((_, reply) => {
      for (const said of ['', 'no', 'yes', 'late']) reply(Buffer.from(said));
    });
    const seen: string[] = [];
    const read = (bytes: Uint8Array) => {
      seen.push(text(bytes));
      return text(bytes) === 'yes' ? 'yes' : undefined;
    };
    expect(await createWorld().ask(port, { read })).toMatchObject({ answer: { said: 'yes' } });
    expect(seen).toEqual(['', 'no', 'yes']);
  });

  it('that comes from elsewhere is not heard', async () => {
    const { ask } = createWorld();
    const intruder = createSocket('udp4');
    onTestFinished(() => void intruder.close());
    const port = await listenUdp((_, reply, askedFromPort) => {
      intruder.send('from elsewhere', askedFromPort, '127.0.0.1', () => reply(Buffer.from('from the server')));
    });
    expect(await ask(port)).toMatchObject({ answer: { said: 'from the server' } });
  });

  it('spends its permit, and throws when that was spent before', async () => {
    const { client, system, deadline } = createWorld();
    const port = await listenUdp((_, reply) => reply(Buffer.from('pong')));
    const request = { host: '127.0.0.1', port, bytes: Buffer.from('ping'), read: text };
    const permit = await heldPermit(system);
    await client.exchange(permit, request, deadline);
    await expect(client.exchange(permit, request, deadline)).rejects.toThrow(/used after it was spent/);
  });

  it.runIf(hasIp6)('goes over IPv6 where the name has no other address', async () => {
    const port = await listenUdp((_, reply) => reply(Buffer.from('pong')), '::1');
    expect(await createWorld().ask(port, { host: '::1' })).toMatchObject({ ipVersion: 6, answer: { said: 'pong' } });
  });

  it('goes to the first address that there is a way to, IPv4 first', async () => {
    const port = await listenUdp((_, reply) => reply(Buffer.from('pong')));
    // A datagram to the broadcast address takes a right that the socket does not have.
    const resolver = resolvesTo(
      { address: '::1', family: 6 },
      { address: '255.255.255.255', family: 4 },
      { address: '127.0.0.1', family: 4 },
    );
    expect(await createWorld(resolver).ask(port)).toMatchObject({ address: '127.0.0.1', answer: { said: 'pong' } });
  });
});

describe('a datagram without an answer', () => {
  it('fails when its time is used up', async () => {
    const { system, ask } = createWorld();
    const port = await listenUdp(() => void system.clock.advance(5000));
    expect(await ask(port)).toEqual({
      phases: { resolve: 0, wait: 5000 },
      uncertaintyMs: 0,
      address: '127.0.0.1',
      ipVersion: 4,
      failure: { phase: 'wait', code: 'TIMEOUT', message: 'no whole answer within 5000 ms' },
    });
  });

  it('fails when it is stopped', async () => {
    const { ask, stop } = createWorld();
    const port = await listenUdp(stop);
    expect(await ask(port)).toMatchObject({ failure: { phase: 'wait', code: 'CANCELLED' } });
  });

  it('fails at once when it was stopped before', async () => {
    const { ask, stop } = createWorld(resolvesTo({ address: '127.0.0.1', family: 4 }));
    stop();
    expect(await ask(9)).toMatchObject({ failure: { phase: 'wait', code: 'CANCELLED' } });
  });

  it('is refused where nobody listens', async () => {
    expect(await createWorld().ask(await freeUdpPort())).toMatchObject({
      address: '127.0.0.1',
      failure: { phase: 'wait', code: 'ECONNREFUSED', message: 'nothing listens there' },
    });
  });

  it('fails without an address where there is no way to any', async () => {
    const exchange = await createWorld(resolvesTo({ address: '255.255.255.255', family: 4 })).ask(9);
    expect(exchange).toEqual({
      phases: { resolve: 0, wait: 0 },
      uncertaintyMs: 0,
      failure: { phase: 'wait', code: 'EACCES', message: 'sending there is not allowed on this host' },
    });
  });

  it('fails where the name has no address', async () => {
    const resolver = { resolve: () => Promise.reject(new ResolveError('ENOTFOUND', 'time.example')) };
    expect(await createWorld(resolver).ask(9)).toEqual({
      phases: { resolve: 0 },
      uncertaintyMs: 0,
      failure: { phase: 'resolve', code: 'ENOTFOUND', message: 'the name time.example does not exist' },
    });
  });

  it('fails when the request is too large to be one', async () => {
    const port = await listenUdp(() => {});
    expect(await createWorld().ask(port, { bytes: Buffer.alloc(70_000) })).toMatchObject({
      failure: { phase: 'wait', code: 'EMSGSIZE' },
    });
  });

  it('leaves no socket open where the port is none', async () => {
    let made = 0;
    let closed = 0;
    const onSocket = (message: unknown) => {
      made += 1;
      (message as { socket: Socket }).socket.once('close', () => {
        closed += 1;
      });
    };
    subscribe('udp.socket', onSocket);
    onTestFinished(() => void unsubscribe('udp.socket', onSocket));
    const ask = createWorld(resolvesTo({ address: '127.0.0.1', family: 4 })).ask(0);
    expect(await ask).toMatchObject({ failure: { code: 'ERR_SOCKET_BAD_PORT' } });
    await settle();
    expect({ made, closed }).toEqual({ made: 1, closed: 1 });
  });

  it('throws what is a bug and not the network', async () => {
    const resolver = { resolve: () => Promise.reject(new TypeError('x is not a function')) };
    await expect(createWorld(resolver).ask(9)).rejects.toThrow(TypeError);
  });
});

it('leaves no listener on the signal of a deadline and no timer, whatever came of the datagram', async () => {
  const { ask, deadline, system } = createWorld();
  await ask(await listenUdp((_, reply) => reply(Buffer.from('pong'))));
  await ask(await freeUdpPort());
  expect(getEventListeners(deadline.signal, 'abort')).toHaveLength(0);
  deadline.close();
  expect(system.clock.pending()).toBe(0);
});

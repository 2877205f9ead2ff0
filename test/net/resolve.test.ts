import { createHook } from 'node:async_hooks';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createResolver } from '../../src/net/resolve.ts';
import { type FakeDns, type FakeRecord, startFakeDns } from '../support/fake-dns.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createVirtualSystem, settle, type VirtualSystem } from '../support/virtual-system.ts';

const never = new AbortController().signal;

interface Lookup {
  readonly records?: Readonly<Record<string, FakeRecord>>;
  readonly hosts?: string;
  readonly resolvConf?: string;
}

async function createLookup({ records = {}, hosts = '', resolvConf = '' }: Lookup) {
  const system = createVirtualSystem();
  const dns = await startFakeDns(records);
  const folder = await temporaryFolder();
  const [hostsPath, resolvConfPath] = [join(folder, 'hosts'), join(folder, 'resolv.conf')];
  await writeFile(hostsPath, hosts);
  await writeFile(resolvConfPath, resolvConf);
  const resolver = createResolver(system, {
    servers: [dns.server],
    hostsPath,
    resolvConfPath,
    timeoutMs: 250,
    tries: 1,
  });
  return { system, dns, resolver, hostsPath, resolvConfPath };
}

async function untilAsked(dns: FakeDns, count: number): Promise<void> {
  while (dns.asked.length < count) await settle();
}

/** Moves virtual time on as soon as the question `count` is with the server and the other answers are in. */
async function advanceOnce(system: VirtualSystem, ms: number): Promise<void> {
  while (system.clock.pending() === 0) await settle();
  await system.clock.advance(ms);
}

describe('a resolver without DNS', () => {
  it('takes IP literals for what they are', async () => {
    const { resolver, dns } = await createLookup({});
    expect(await resolver.resolve('192.0.2.1', { signal: never })).toEqual([{ address: '192.0.2.1', family: 4 }]);
    expect(await resolver.resolve('::1', { signal: never })).toEqual([{ address: '::1', family: 6 }]);
    expect(dns.asked).toEqual([]);
  });

  it('finds names of the hosts file in any case and with a final dot', async () => {
    const { resolver, dns } = await createLookup({ hosts: '192.0.2.7 api.example\n' });
    for (const name of ['api.example', 'API.Example.'])
      expect(await resolver.resolve(name, { signal: never })).toEqual([{ address: '192.0.2.7', family: 4 }]);
    expect(dns.asked).toEqual([]);
  });

  it('notices within seconds that the hosts file has changed', async () => {
    const { system, resolver, hostsPath } = await createLookup({ hosts: '192.0.2.7 api.example\n' });
    await resolver.resolve('api.example', { signal: never });
    await writeFile(hostsPath, '192.0.2.8 api.example\n');
    await system.clock.advance(5000);
    expect(await resolver.resolve('api.example', { signal: never })).toEqual([{ address: '192.0.2.8', family: 4 }]);
  });

  it('knows localhost and names below it without a hosts file', async () => {
    const { resolver, dns } = await createLookup({});
    for (const name of ['localhost', 'app.localhost'])
      expect(await resolver.resolve(name, { signal: never })).toEqual([
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ]);
    expect(dns.asked).toEqual([]);
  });

  it("finds localhost by this host's own files", async () => {
    const addresses = await createResolver(createVirtualSystem()).resolve('localhost', { signal: never });
    expect(addresses.length).toBeGreaterThan(0);
  });
});

describe('a resolver with a fake name server', () => {
  it('gives the addresses of both families', async () => {
    const { resolver } = await createLookup({
      records: { 'api.example': { A: ['192.0.2.1', '192.0.2.2'], AAAA: ['2001:db8::1'] } },
    });
    const addresses = await resolver.resolve('api.example', { signal: never });
    expect(addresses).toHaveLength(3);
    expect(addresses).toContainEqual({ address: '192.0.2.2', family: 4 });
    expect(addresses).toContainEqual({ address: '2001:db8::1', family: 6 });
  });

  it.each([
    ['A', { A: ['192.0.2.1'] }, '192.0.2.1'],
    ['AAAA', { AAAA: ['2001:db8::1'] }, '2001:db8::1'],
  ])('is content with %s alone', async (_, record, address) => {
    const { resolver, system } = await createLookup({ records: { 'api.example': record } });
    expect(await resolver.resolve('api.example', { signal: never })).toMatchObject([{ address }]);
    expect(system.clock.pending()).toBe(0);
  });

  it.each([
    ['noSuchName', 'ENOTFOUND', 'the name api.example does not exist'],
    ['serverFailure', 'ESERVFAIL', 'the name api.example could not be resolved: the name server failed'],
    ['refused', 'EREFUSED', 'the name api.example could not be resolved: the name server refused'],
    ['silence', 'ETIMEOUT', 'the name api.example could not be resolved: no name server answered'],
    [{}, 'ENODATA', 'the name api.example has no address'],
  ] as const)('tells %j as %s', async (record, code, message) => {
    const { resolver } = await createLookup({ records: { 'api.example': record } });
    await expect(resolver.resolve('api.example', { signal: never })).rejects.toMatchObject({ code, message });
  });

  it('tells a name that DNS cannot hold', async () => {
    const { resolver } = await createLookup({});
    await expect(resolver.resolve(`${'a'.repeat(64)}.example`, { signal: never })).rejects.toMatchObject({
      code: 'EBADNAME',
      message: expect.stringContaining('could not be resolved: EBADNAME'),
    });
  });

  it('asks again each time: an answer is not kept', async () => {
    const { resolver, dns } = await createLookup({ records: { 'api.example': { A: ['192.0.2.1'] } } });
    await resolver.resolve('api.example', { signal: never });
    dns.records.set('api.example', { A: ['192.0.2.2'] });
    expect(await resolver.resolve('api.example', { signal: never })).toMatchObject([{ address: '192.0.2.2' }]);
  });

  it('waits 50 ms for a family that stays silent once the other has answered', async () => {
    const { resolver, system } = await createLookup({
      records: { 'api.example': { A: ['192.0.2.1'], AAAA: 'silence' } },
    });
    const looking = resolver.resolve('api.example', { signal: never });
    await advanceOnce(system, 50);
    expect(await looking).toMatchObject([{ address: '192.0.2.1' }]);
    expect(system.clock.pending()).toBe(0);
  });

  it('waits longer for the family that is preferred', async () => {
    const { resolver, system } = await createLookup({
      records: { 'api.example': { A: 'silence', AAAA: ['2001:db8::1'] } },
    });
    let found = false;
    const looking = resolver.resolve('api.example', { prefer: 'ip4', signal: never }).finally(() => {
      found = true;
    });
    await advanceOnce(system, 999);
    expect(found).toBe(false);
    await system.clock.advance(1);
    expect(await looking).toMatchObject([{ address: '2001:db8::1' }]);
  });

  it('gives up at once when it is aborted, and its next question is not touched by that', async () => {
    const { resolver, dns } = await createLookup({
      records: { 'slow.example': 'silence', 'api.example': { A: ['192.0.2.1'] } },
    });
    const controller = new AbortController();
    const looking = resolver.resolve('slow.example', { signal: controller.signal });
    await untilAsked(dns, 1);
    controller.abort('enough');
    await expect(looking).rejects.toBe('enough');
    expect(await resolver.resolve('api.example', { signal: never })).toMatchObject([{ address: '192.0.2.1' }]);
  });

  it('is not held up by names whose servers are silent', async () => {
    const { resolver, dns } = await createLookup({
      records: { 'slow.example': 'silence', 'api.example': { A: ['192.0.2.1'] } },
    });
    const slow = Array.from({ length: 20 }, () => resolver.resolve('slow.example', { signal: never }));
    const settled = Promise.allSettled(slow);
    let slowEnded = false;
    void settled.then(() => {
      slowEnded = true;
    });
    await untilAsked(dns, 40);
    expect(await resolver.resolve('api.example', { signal: never })).toMatchObject([{ address: '192.0.2.1' }]);
    expect(slowEnded).toBe(false);
    await settled;
  });
});

it('keeps few of the channels that many hanging names took (fake name server)', async () => {
  const { resolver, dns } = await createLookup({
    records: { 'slow.example': 'silence', 'api.example': { A: ['192.0.2.1'] } },
  });
  let opened = 0;
  const hook = createHook({
    init(_, type) {
      if (type === 'DNSCHANNEL') opened += 1;
    },
  }).enable();
  onTestFinished(() => void hook.disable());

  const controller = new AbortController();
  const hang = Array.from({ length: 60 }, () => resolver.resolve('slow.example', { signal: controller.signal }));
  const ended = Promise.allSettled(hang);
  await untilAsked(dns, 120);
  controller.abort();
  await ended;
  expect(opened).toBe(60);

  await Promise.all(Array.from({ length: 60 }, () => resolver.resolve('api.example', { signal: never })));
  expect(opened).toBe(60 + 60 - 50);
});

describe('a resolver with search domains, against a fake name server', () => {
  const resolvConf = 'search shop.svc.cluster.local svc.cluster.local\noptions ndots:5\n';

  it('completes short names in order', async () => {
    const { resolver, dns } = await createLookup({
      resolvConf,
      records: { 'api.svc.cluster.local': { A: ['10.0.0.1'] } },
    });
    expect(await resolver.resolve('api', { signal: never })).toMatchObject([{ address: '10.0.0.1' }]);
    expect(dns.asked.filter((question) => question.startsWith('A '))).toEqual([
      'A api.shop.svc.cluster.local',
      'A api.svc.cluster.local',
    ]);
  });

  it('names the host as it was asked for when no completion exists', async () => {
    const { resolver, dns } = await createLookup({ resolvConf });
    await expect(resolver.resolve('api', { signal: never })).rejects.toMatchObject({
      code: 'ENOTFOUND',
      message: 'the name api does not exist',
    });
    expect(dns.asked).toHaveLength(6);
  });

  it('tells the server failure behind one completion over the absence of the others', async () => {
    const { resolver } = await createLookup({
      resolvConf,
      records: { 'api.shop.svc.cluster.local': 'serverFailure', 'api.svc.cluster.local': {} },
    });
    await expect(resolver.resolve('api', { signal: never })).rejects.toMatchObject({ code: 'ESERVFAIL' });
  });

  it('does not go on when no server answers', async () => {
    const { resolver, dns } = await createLookup({ resolvConf, records: { 'api.shop.svc.cluster.local': 'silence' } });
    await expect(resolver.resolve('api', { signal: never })).rejects.toMatchObject({ code: 'ETIMEOUT' });
    expect(dns.asked.every((question) => question.endsWith('api.shop.svc.cluster.local'))).toBe(true);
  });

  it('follows a changed resolv.conf within seconds', async () => {
    const { resolver, system, resolvConfPath } = await createLookup({
      resolvConf,
      records: { 'api.shop.svc.cluster.local': { A: ['10.0.0.1'] }, 'api.other.example': { A: ['10.0.0.2'] } },
    });
    expect(await resolver.resolve('api', { signal: never })).toMatchObject([{ address: '10.0.0.1' }]);
    await writeFile(resolvConfPath, 'search other.example\n');
    await system.clock.advance(5000);
    expect(await resolver.resolve('api', { signal: never })).toMatchObject([{ address: '10.0.0.2' }]);
  });
});

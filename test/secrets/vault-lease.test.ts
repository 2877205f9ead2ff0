import { describe, expect, it } from 'vitest';
import { openLab } from './vault-lab.ts';

const username = 'database/creds/app#username';
const password = 'database/creds/app#password';

/** The number that the fake gives to each set of credentials. */
const numberOf = (value: unknown) => Number(/\d+/.exec(String(value))?.[0]);

async function openLeases(life: { ttl: number; maxTtl?: number; renewable?: boolean }) {
  const lab = await openLab();
  lab.vault.fake.lease = { renewable: true, ...life };
  const [name] = await lab.load([username, password]);
  lab.vault.news();
  return { ...lab, first: numberOf(name) };
}

describe('credentials that a fake Vault lends', () => {
  it('belong together: name and password are of one lease, at any moment', async () => {
    const { look, pass } = await openLeases({ ttl: 30, renewable: false });
    for (let turn = 0; turn < 5; turn++) {
      const [name, word] = await look(username, password);
      expect(word).toBe(`fake-password-${numberOf(name)}-xyz`);
      await pass(15_000);
    }
  });

  it('are not asked for in a storm, however short the lease', async () => {
    const { vault, pass } = await openLeases({ ttl: 0.001, renewable: false });
    await pass(60_000);
    expect(vault.news().length).toBeLessThanOrEqual(12);
  });

  it('have a lease that ends on some day, whatever Vault says', async () => {
    const { sources, system } = await openLeases({ ttl: 1e300 });
    const [standing] = sources.standings();
    expect((standing?.leaseEndsAtMs ?? 0) - system.clock.wallMs()).toBe(10 * 365 * 86_400_000);
  });

  it('are renewed at two thirds of the lease, for the whole of it', async () => {
    const { vault, look, pass, first } = await openLeases({ ttl: 600 });
    await pass(399_000);
    expect(vault.news()).toEqual([]);
    await pass(2_000);
    expect(vault.asked[0]?.body).toMatchObject({ increment: 600 });
    expect(vault.news()).toEqual(['PUT sys/leases/renew']);
    await pass(400_000);
    expect(vault.news()).toEqual(['PUT sys/leases/renew']);
    expect(numberOf((await look(username))[0])).toBe(first);
  });

  it('are had anew when the longest life of the lease is near, before it ends', async () => {
    const { vault, look, pass, first } = await openLeases({ ttl: 600, maxTtl: 1000 });
    await pass(801_000);
    // The second renewal, at 800 s, brought 200 s instead of 600.
    expect(vault.news()).toEqual(['PUT sys/leases/renew', 'PUT sys/leases/renew']);
    expect(numberOf((await look(username))[0])).toBe(first);
    await pass(134_000);
    expect(vault.news()).toEqual(['GET database/creds/app']);
    expect(numberOf((await look(username))[0])).toBeGreaterThan(first);
  });

  it('are had anew at two thirds when they cannot be renewed', async () => {
    const { vault, pass } = await openLeases({ ttl: 600, renewable: false });
    await pass(401_000);
    expect(vault.news()).toEqual(['GET database/creds/app']);
  });

  it('are had anew at once when Vault knows the lease no more', async () => {
    const { vault, look, pass, first } = await openLeases({ ttl: 600 });
    vault.leases.clear();
    await pass(401_000);
    expect(vault.news()).toEqual(['PUT sys/leases/renew', 'GET database/creds/app']);
    expect(numberOf((await look(username))[0])).toBeGreaterThan(first);
  });

  it('are kept over a load while their lease lives: another one would be another name', async () => {
    const { vault, load, first, look } = await openLeases({ ttl: 600 });
    expect(numberOf((await load([username, password]))[0])).toBe(first);
    expect(vault.news()).toEqual([]);
    expect(numberOf((await look(username))[0])).toBe(first);
  });

  it('go on being used when Vault is away, are renewed when it is back in time, and had anew when it was not', async () => {
    const { vault, look, pass, first, reported, sources } = await openLeases({ ttl: 600 });
    vault.fake.sealed = true;
    await pass(450_000);
    expect(reported.at(-1)).toMatchObject({ state: 'stale', cause: { evidence: { reason: 'sealed' } } });
    vault.fake.sealed = false;
    vault.news();
    await pass(61_000);
    expect(vault.news()).toEqual(['PUT sys/leases/renew']);
    expect(reported.slice(-2)).toMatchObject([{ state: 'current' }, { state: 'current' }]);
    vault.fake.sealed = true;
    await pass(700_000);
    expect(numberOf((await look(username))[0])).toBe(first);
    expect(sources.standings()[0]?.leaseEndsAtMs).toBeLessThan(Date.UTC(2026, 0, 1) + 1_211_000);
    vault.fake.sealed = false;
    vault.news();
    await pass(61_000);
    expect(vault.news()).toEqual(['GET database/creds/app']);
    expect(numberOf((await look(username))[0])).toBeGreaterThan(first);
  });

  it('are renewed in time when connections broke for a while', async () => {
    const { vault, look, pass, first, reported } = await openLeases({ ttl: 600 });
    vault.fake.breaks = true;
    await pass(450_000);
    expect(reported.at(-1)).toMatchObject({ state: 'stale', cause: { evidence: { reason: 'unreachable' } } });
    vault.fake.breaks = false;
    await pass(61_000);
    expect(vault.news()).toEqual(['PUT sys/leases/renew']);
    expect(numberOf((await look(username))[0])).toBe(first);
  });

  it('are tried for again at a load when the last try failed', async () => {
    const { vault, load, pass, reported } = await openLeases({ ttl: 600 });
    vault.fake.sealed = true;
    await pass(402_000);
    vault.fake.sealed = false;
    vault.news();
    await load([username, password]);
    expect(vault.news()).toEqual(['PUT sys/leases/renew']);
    expect(reported.at(-1)?.state).toBe('current');
  });

  it('are left alone once the configuration names them no more', async () => {
    const { vault, pass, sources, system } = await openLeases({ ttl: 600 });
    sources.adopt(new Map());
    await pass(600_000);
    expect(vault.news()).toEqual([]);
    expect(system.clock.pending()).toBe(0);
  });
});

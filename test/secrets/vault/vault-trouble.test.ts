import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/model/secret.ts';
import { freePort, listen } from '../../net/loopback.ts';
import { createTestAuthority } from '../../support/certificates.ts';
import { startFakeVault } from '../fake-vault.ts';
import { openLab, refer } from '../vault-lab.ts';

const key = 'secret/claude#client_secret';

describe('a fake Vault in trouble', () => {
  it.each([
    ['sealed', [503, { errors: ['Vault is sealed'] }], 'Vault is sealed (503: Vault is sealed); unseal it'],
    ['sealed', [501, { errors: [] }], 'Vault is not initialised (501); initialise and unseal it'],
    ['sealed', [400, { errors: ['server is not yet initialized'] }], 'Vault is not initialised (400: server'],
    ['standby', [473, ''], 'this node of Vault is a standby that does not serve it (473); point `vault.address` at'],
    ['standby', [472, ''], 'this node of Vault is a standby that does not serve it (472)'],
    ['standby', [412, { errors: ['required index state not present'] }], 'this node of Vault is a standby'],
    [
      'standby',
      [307, '', { location: 'ftp://active' }],
      'this node of Vault is a standby that does not serve it (307)',
    ],
    ['rate_limited', [429, { errors: ['rate limit quota exceeded'] }], 'Vault is asked too often (429: rate limit'],
    ['failing', [500, { errors: ['internal error'] }], 'Vault fails (500: internal error); look at its logs'],
    ['failing', [502, '<html>Bad gateway'], 'Vault fails (502); look at its logs, and at the proxies before it'],
    ['bad_answer', [200, '<html>Welcome'], 'the answer is not what the API of Vault promises (200); check that'],
    ['bad_answer', [200, '{"data":{}}'], 'the answer is not what the API of Vault promises (200)'],
    ['bad_answer', [400, { errors: 'text' }], 'the answer is not what the API of Vault promises (400)'],
  ] as const)('is told as %s by its answer %j', async (reason, reply, problem) => {
    const { vault, load, sources, pass, look } = await openLab();
    vault.write('claude', { client_secret: 'first-secret' });
    await load([key]);
    vault.answerAlways(reply as Parameters<typeof vault.answerAlways>[0]);
    expect(await load([key])).toEqual(['first-secret']);
    const [standing] = sources.standings();
    expect(standing).toMatchObject({ state: 'stale', cause: { code: 'secret_unavailable', evidence: { reason } } });
    expect(standing?.cause?.detail.startsWith(`${refer(key)} cannot be had: ${problem}`)).toBe(true);
    expect(standing?.cause?.detail.endsWith('. The last good value goes on being used')).toBe(true);
    vault.answerAlways();
    await pass(61_000);
    expect(sources.standings()).toMatchObject([{ state: 'current', failures: { [reason]: expect.any(Number) } }]);
    expect(await look(key)).toEqual(['first-secret']);
  });

  it('that denies a path, has nothing there, or not this key, is told apart', async () => {
    const { vault, load, sources } = await openLab();
    vault.write('deleted', null);
    vault.write('claude', { id: 'client' });
    const names = [key, 'secret/deleted#k', 'secret/absent#k', 'secret/data/claude#id', 'none/such#k'];
    await load(names);
    const told = sources.standings().map(({ cause }) => [cause?.evidence.reason, cause?.detail.replace(/^.*?: /, '')]);
    expect(told).toEqual([
      ['key_absent', 'secret/claude has no key client_secret in Vault; write it, or name a key that is there: id'],
      [
        'path_absent',
        'there is nothing at secret/deleted in Vault (404); its newest version was deleted: restore it, or write another',
      ],
      [
        'path_absent',
        'there is nothing at secret/absent in Vault (404); write the secret, or correct the path in the reference',
      ],
      [
        'path_absent',
        'there is nothing at secret/data/claude in Vault (404); leave `data/` out of the reference, or write the secret',
      ],
      [
        'path_absent',
        'there is nothing at none/such in Vault (404: no handler for route "none/such". route entry not found.); write the secret, or correct the path in the reference',
      ],
    ]);
  });

  it('says which policy is wanted where access is denied', async () => {
    const { vault, load, sources, definition } = await openLab();
    const token = vault.issue({ ttl: 0, allows: [] });
    await load([key], { ...definition, auth: { method: 'token', token: new Secret(token) } });
    expect(sources.standings()).toMatchObject([
      {
        state: 'missing',
        cause: {
          detail: expect.stringContaining(
            'Vault denies access to secret/claude (403: 1 error occurred: * permission denied); let a policy',
          ),
          evidence: { reason: 'denied', status: 403, errors: ['1 error occurred: * permission denied'] },
        },
      },
    ]);
  });

  it('that does not answer is told with its address', async () => {
    const { load, sources, definition } = await openLab();
    const port = await freePort();
    expect(await load([key], { ...definition, address: `http://127.0.0.1:${port}` })).toEqual([
      {
        mayCome: true,
        problem: `Vault at 127.0.0.1:${port} does not answer: connect ECONNREFUSED 127.0.0.1:${port}; check \`vault.address\`, the network to it, and whether it runs`,
      },
    ]);
    expect(sources.standings()).toMatchObject([{ cause: { evidence: { network: 'ECONNREFUSED', phase: 'connect' } } }]);
  });

  it('that answers too late is told by its timeout', async () => {
    const { load, sources, definition, system } = await openLab();
    const port = await listen(createServer(() => void system.clock.advance(1_000)));
    await load([key], { ...definition, address: `http://127.0.0.1:${port}`, timeoutMs: 1_000 });
    expect(sources.standings()).toMatchObject([{ cause: { evidence: { reason: 'unreachable', network: 'TIMEOUT' } } }]);
  });

  it('is asked over TLS by an authority of its own, and by no other', async () => {
    const authority = await createTestAuthority();
    const { vault, load, definition, sources } = await openLab({}, await authority.issue());
    vault.write('claude', { client_secret: 'first-secret' });
    await load([key]);
    expect(sources.standings()).toMatchObject([
      {
        cause: {
          detail: expect.stringMatching(/the certificate or handshake of Vault at 127\.0\.0\.1:\d+ is not accepted/),
          evidence: { reason: 'tls', phase: 'tls' },
        },
      },
    ]);
    expect(await load([key], { ...definition, ca: authority.certificate })).toEqual(['first-secret']);
  });

  it('does not get a token over plain http that another host was given', async () => {
    const { system, definition, load } = await openLab();
    const other = await startFakeVault(system.clock);
    const standby = createServer((request, response) => {
      response.writeHead(307, { location: `${other.address.replace('127.0.0.1', 'localhost')}${request.url}` }).end();
    });
    const address = `http://127.0.0.1:${await listen(standby)}`;
    expect(await load([key], { ...definition, address })).toMatchObject([
      { problem: expect.stringContaining('a standby that does not serve it (307)') },
    ]);
    expect(other.asked).toEqual([]);
  });

  it('is told of as such when its answer is too large', async () => {
    const { vault, load } = await openLab();
    vault.answerAlways([200, { data: { key: 'x'.repeat(4 * 1024 * 1024) } }]);
    expect(await load([key])).toMatchObject([
      { problem: expect.stringMatching(/^the answer of Vault at \S+ is too large/) },
    ]);
  });

  it('that is a standby sends to the active node, once', async () => {
    const { vault, load, definition } = await openLab();
    vault.write('claude', { client_secret: 'first-secret' });
    const standby = createServer((request, response) => {
      response.writeHead(307, { location: `${vault.address}${request.url}` }).end();
    });
    const address = `http://127.0.0.1:${await listen(standby)}`;
    expect(await load([key], { ...definition, address })).toEqual(['first-secret']);
    const circle = createServer((request, response) => {
      response.writeHead(307, { location: request.url }).end();
    });
    const round = `http://127.0.0.1:${await listen(circle)}`;
    expect(await load(['secret/other#k'], { ...definition, address: round })).toMatchObject([
      { problem: expect.stringContaining('this node of Vault is a standby') },
    ]);
  });

  it('is never followed from https to plain http: a token would go out in the clear', async () => {
    const authority = await createTestAuthority();
    const { vault, load, definition } = await openLab({}, await authority.issue());
    vault.answerAlways([307, '', { location: 'http://127.0.0.1:1/v1/x' }]);
    expect(await load([key], { ...definition, ca: authority.certificate })).toMatchObject([
      { problem: expect.stringContaining('this node of Vault is a standby that does not serve it (307)') },
    ]);
  });

  it('that asks to be left alone is, for as long as it says, up to five minutes', async () => {
    const { vault, load, pass } = await openLab();
    vault.write('claude', { client_secret: 'first-secret' });
    await load([key]);
    vault.answerAlways([429, { errors: [] }, { 'retry-after': '200' }]);
    await load([key]);
    vault.news();
    await pass(199_000);
    expect(vault.news()).toEqual([]);
    await pass(3_000);
    expect(vault.news()).toHaveLength(1);
  });

  it('is not asked without a permit', async () => {
    const { load, pass, exhaust } = await openLab();
    exhaust();
    const loading = load([key]);
    await pass(31_000);
    expect(await loading).toEqual([
      {
        mayCome: true,
        problem: 'the budget vault had no permit for a request to Vault; raise the rate of the budget vault',
      },
    ]);
  });
});

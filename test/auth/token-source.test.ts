import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTokenSource } from '../../src/auth/token-source.ts';
import { causeOf } from '../../src/model/cause.ts';
import { Secret } from '../../src/model/secret.ts';
import { createBudget } from '../../src/net/limiter.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { settle } from '../support/virtual-system.ts';
import { scriptedIssuer } from './scripted-issuer.ts';
import { definition, labDefinition, labIssuer, sourceLab } from './token-lab.ts';

const api = { url: new URL('https://api.example/v1'), method: 'GET' };

describe('a source with client credentials', () => {
  it('presents a live token', async () => {
    const issuer = await labIssuer();
    const lab = await sourceLab();
    const source = await lab.started(labDefinition(issuer, 'lab-service'));
    const { authorization = '' } = (await source.authorizer()?.authorize(api))?.headers ?? {};
    expect(await issuer.introspect(authorization.replace('Bearer ', ''))).toEqual({
      active: true,
      scope: 'models.read',
    });
    expect(source.view()).toMatchObject({
      name: 'claude',
      generation: 1,
      scopes: ['models.read'],
      lastRun: { kind: 'passed' },
    });
    expect(lab.results[0]?.phases).toHaveProperty('connect');
    expect(lab.results[0]?.durationMs).toBeGreaterThanOrEqual(0);
  });

  it('writes nothing to disk', async () => {
    const issuer = await labIssuer();
    const lab = await sourceLab();
    await lab.started(labDefinition(issuer, 'lab-service'));
    await expect(stat(join(lab.folder, 'tokens.json'))).rejects.toThrow('ENOENT');
  });

  it('lets diagnosis know the claims of time of a JWT', async () => {
    const issuer = await labIssuer();
    const lab = await sourceLab();
    const source = await lab.started(labDefinition(issuer, 'lab-jwt'));
    const { iat = 0, exp = 0 } = source.view().claims ?? {};
    expect(exp - iat).toBe(600);
  });

  it('uses its token while the issuer is down, and gets the next one once it is back', async () => {
    const issuer = await labIssuer();
    const lab = await sourceLab();
    const source = await lab.started(labDefinition(issuer, 'lab-service', { refresh: { everyMs: 60_000 } }));
    await issuer.faults.set('down');
    const failed = lab.nextResult();
    await lab.system.clock.advance(60_000);
    expect(causeOf((await failed).outcome)).toMatchObject({ code: 'issuer_unavailable' });
    expect(source.current()?.generation).toBe(1);
    await issuer.faults.clear();
    const mended = lab.nextResult();
    await lab.system.clock.advance(2000);
    expect((await mended).outcome.kind).toBe('passed');
    expect(source.current()?.generation).toBe(2);
  });

  it('lives for an hour on a token whose life is not told', async () => {
    const issuer = await labIssuer();
    await issuer.faults.set('no-expiry', '/token');
    const lab = await sourceLab();
    const source = await lab.started(labDefinition(issuer, 'lab-service'));
    expect(source.view().expiresInMs).toBe(3_600_000);
    expect(lab.observations[0]?.granted).not.toHaveProperty('expiresInMs');
  });

  it('does not use a token that is said to have ended', async () => {
    const issuer = await labIssuer();
    await issuer.faults.set('negative-expiry', '/token');
    const lab = await sourceLab();
    const source = await lab.started(labDefinition(issuer, 'lab-service'));
    expect(source.current()).toBeUndefined();
    expect(causeOf(lab.results[0]?.outcome ?? { kind: 'passed' })?.code).toBe('issuer_protocol_error');
  });

  it('makes one request at a time, whatever is suspected meanwhile', async () => {
    let underWay = 0;
    let most = 0;
    const answers: (() => void)[] = [];
    const { origin } = await scriptedIssuer((_request, response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      answers.push(() => {
        underWay -= 1;
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('{"access_token":"at","token_type":"bearer","expires_in":60}');
      });
      arrived.resolve();
      return undefined;
    });
    let arrived = Promise.withResolvers<void>();
    const lab = await sourceLab();
    const source = createTokenSource(lab.ports, definition({ endpoints: { token: origin }, clientAuth: 'none' }));
    source.start();
    source.start();
    await arrived.promise;
    answers.pop()?.();
    await source.firstRun;
    await settle();
    arrived = Promise.withResolvers();
    for (let times = 0; times < 5; times++) source.suspect(1);
    await arrived.promise;
    for (let times = 0; times < 5; times++) source.suspect(1);
    const ended = lab.nextResult();
    answers.pop()?.();
    await ended;
    expect(most).toBe(1);
    expect(lab.results).toHaveLength(2);
    await source.stop();
  });
});

describe('a source with a refresh token', () => {
  it('refreshes on its schedule, generation after generation, and goes on after a restart', async () => {
    const issuer = await labIssuer();
    const lab = await sourceLab();
    const refreshToken = new Secret(await issuer.mintRefreshToken('lab-user', ['models.read']));
    const wanted = labDefinition(issuer, 'lab-user', { refreshToken, refresh: { everyMs: 60_000 } });
    const source = await lab.started(wanted);
    for (let generation = 2; generation <= 4; generation++) {
      const refreshed = lab.nextResult();
      await lab.system.clock.advance(60_000);
      expect((await refreshed).outcome.kind).toBe('passed');
      expect(source.current()?.generation).toBe(generation);
    }
    await source.stop();

    const asked = issuer.tokenRequests();
    const later = await sourceLab({ folder: lab.folder });
    later.system.clock.stepWall(lab.system.clock.wallMs() - later.system.clock.wallMs() + 10_000);
    const restarted = await later.started(wanted);
    expect(issuer.tokenRequests()).toBe(asked);
    expect(restarted.view()).toMatchObject({ generation: 4, ageMs: 10_000, expiresInMs: 590_000 });
    expect(later.results[0]).toMatchObject({ outcome: { kind: 'passed' }, phases: {}, durationMs: 0 });
    const refreshed = later.nextResult();
    await later.system.clock.advance(60_000);
    expect((await refreshed).outcome.kind).toBe('passed');
    expect(restarted.current()?.generation).toBe(5);
  });

  it('refreshes at once after a restart at which its stored token is near its end', async () => {
    const issuer = await labIssuer();
    const lab = await sourceLab();
    const refreshToken = new Secret(await issuer.mintRefreshToken('lab-user', ['models.read']));
    const wanted = labDefinition(issuer, 'lab-user', { refreshToken });
    await (await lab.started(wanted)).stop();
    const later = await sourceLab({ folder: lab.folder });
    later.system.clock.stepWall(597_000);
    const restarted = await later.started(wanted);
    expect(restarted.view()).toMatchObject({ generation: 1, expiresInMs: 3000 });
    expect((await later.nextResult()).outcome.kind).toBe('passed');
    expect(restarted.current()?.generation).toBe(2);
    expect(later.system.clock.monotonicMs()).toBe(0);
  });

  it('names the cause of a family that was revoked, and is not heard of again', async () => {
    const issuer = await labIssuer();
    const lab = await sourceLab();
    const seed = await issuer.mintRefreshToken('lab-user', ['models.read']);
    await issuer.revoke(seed);
    const source = await lab.started(labDefinition(issuer, 'lab-user', { refreshToken: new Secret(seed) }));
    expect(causeOf(lab.results[0]?.outcome ?? { kind: 'passed' })?.code).toBe('invalid_grant');
    source.suspect(1);
    await lab.system.clock.advance(24 * 3_600_000);
    expect(issuer.tokenRequests()).toBe(1);
    expect(source.current()).toBeUndefined();
  });

  it('has its answer stored when it is stopped in the middle of a refresh', async () => {
    const asked = Promise.withResolvers<() => void>();
    const { origin } = await scriptedIssuer((_request, response) => {
      asked.resolve(() => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('{"access_token":"at","token_type":"bearer","refresh_token":"next"}');
      });
      return undefined;
    });
    const lab = await sourceLab();
    const wanted = { grant: 'refresh_token', endpoints: { token: origin }, clientAuth: 'none' } as const;
    const source = createTokenSource(lab.ports, definition({ ...wanted, refreshToken: new Secret('seed') }));
    source.start();
    const answer = await asked.promise;
    const stopped = source.stop();
    answer();
    await stopped;
    expect((await lab.ports.store.read('claude'))?.refreshToken?.reveal()).toBe('next');
  });
});

describe('a refresh whose issuer says nothing while the source stops', () => {
  const silent = async () => {
    const asked = Promise.withResolvers<void>();
    let isSilent = true;
    const server = await scriptedIssuer(() => {
      asked.resolve();
      return isSilent ? undefined : { body: { access_token: 'at', token_type: 'bearer', refresh_token: 'next' } };
    });
    const wanted = definition({
      grant: 'refresh_token',
      endpoints: { token: server.origin },
      clientAuth: 'none',
      refreshToken: new Secret('seed'),
      timeoutMs: 60_000,
    });
    const lab = await sourceLab();
    const source = createTokenSource(lab.ports, wanted);
    source.start();
    await asked.promise;
    const speak = () => {
      isSilent = false;
    };
    return { ...server, lab, source, wanted, speak };
  };

  it('is cut off when the grace is over, which leaves its note in the store, and goes on after a restart', async () => {
    const { lab, source, wanted, speak, requests } = await silent();
    const result = lab.nextResult();
    const stopped = source.stop(10_000);
    await lab.system.clock.advance(9999);
    expect(lab.results).toEqual([]);
    await lab.system.clock.advance(1);
    expect(causeOf((await result).outcome)?.code).toBe('shutdown');
    await stopped;
    expect(lab.system.clock.pending()).toBe(0);
    expect((await lab.ports.store.read('claude'))?.spending).toBeDefined();
    speak();
    const later = await sourceLab({ folder: lab.folder });
    const restarted = await later.started(wanted);
    expect(restarted.current()?.generation).toBe(1);
    expect(requests.map(({ form }) => form.refresh_token)).toEqual(['seed', 'seed']);
  });

  it('is cut off by a second stop with a shorter grace', async () => {
    const { lab, source } = await silent();
    const patient = source.stop();
    await lab.system.clock.advance(20_000);
    expect(lab.results).toEqual([]);
    const hasty = source.stop(5000);
    await lab.system.clock.advance(5000);
    await Promise.all([patient, hasty]);
    expect(lab.results).toHaveLength(1);
  });
});

describe('a source that waits for a permit', () => {
  it('ends at once when it is stopped', async () => {
    const lab = await sourceLab();
    const none = { name: 'none', ratePerSecond: 0.001, burst: 1, reserveForTokens: 0 };
    const budget = createBudget(lab.system.clock, none);
    await budget.acquire();
    const { origin, requests } = await scriptedIssuer(() => ({}));
    const wanted = definition({ endpoints: { token: origin }, clientAuth: 'none' });
    const source = createTokenSource({ ...lab.ports, budget }, wanted);
    source.start();
    await settle();
    await source.stop();
    expect(causeOf(lab.results[0]?.outcome ?? { kind: 'passed' })?.code).toBe('shutdown');
    expect(requests).toEqual([]);
  });
});

describe('an exported token', () => {
  it('is written for the owner alone, and again after each refresh', async () => {
    const issuer = await labIssuer();
    const lab = await sourceLab();
    const exportFile = join(lab.folder, 'token');
    const source = await lab.started(
      labDefinition(issuer, 'lab-service', {
        exportTo: { file: exportFile, mode: 0o600 },
        refresh: { everyMs: 60_000 },
      }),
    );
    const exported = () => readFile(exportFile, 'utf8');
    expect(await exported()).toBe(source.current()?.value.reveal());
    expect((await stat(exportFile)).mode & 0o777).toBe(0o600);
    const refreshed = lab.nextResult();
    await lab.system.clock.advance(60_000);
    await refreshed;
    expect(source.current()?.generation).toBe(2);
    expect(await exported()).toBe(source.current()?.value.reveal());
  });

  it('that cannot be written is told, tried again, and does not keep sonde from its token', async () => {
    const issuer = await labIssuer();
    const lab = await sourceLab();
    const folder = join(await temporaryFolder(), 'not yet');
    const exportFile = join(folder, 'token');
    const source = await lab.started(
      labDefinition(issuer, 'lab-service', { exportTo: { file: exportFile, mode: 0o600 } }),
    );
    expect(source.current()).toBeDefined();
    expect(lab.results[0]?.outcome.kind).toBe('passed');
    expect(lab.warnings).toEqual([expect.stringContaining(`cannot be written to ${exportFile}`)]);
    await mkdir(folder);
    await lab.system.clock.advance(10_000);
    await expect.poll(() => readFile(exportFile, 'utf8').catch(() => '')).toBe(source.current()?.value.reveal());
    await rm(folder, { recursive: true });
  });

  it('is not tried again once the source has stopped', async () => {
    const issuer = await labIssuer();
    const lab = await sourceLab();
    const exportFile = join(await temporaryFolder(), 'not yet', 'token');
    const source = await lab.started(
      labDefinition(issuer, 'lab-service', { exportTo: { file: exportFile, mode: 0o600 } }),
    );
    await source.stop();
    expect(lab.system.clock.pending()).toBe(0);
    await lab.system.clock.advance(60_000);
    expect(lab.warnings).toHaveLength(1);
  });
});

describe('a static source', () => {
  const fixed = definition({ grant: 'static', value: new Secret('key'), header: 'x-api-key' });

  it('passes at once, asks nobody and never ends', async () => {
    const lab = await sourceLab();
    const source = await lab.started(fixed);
    await lab.system.clock.advance(365 * 24 * 3_600_000);
    source.suspect(1);
    expect(await source.authorizer()?.authorize(api)).toEqual({ headers: { 'x-api-key': 'key' } });
    expect(source.current()).toMatchObject({ generation: 1 });
    expect(source.current()).not.toHaveProperty('expiresAtMs');
    expect(source.view()).toMatchObject({ name: 'claude', generation: 1, lastRun: { kind: 'passed' } });
    expect(lab.results).toEqual([
      {
        token: 'claude',
        runId: expect.stringMatching(/^[0-9a-f]{32}$/),
        startedAtMs: expect.any(Number),
        phases: {},
        durationMs: 0,
        outcome: { kind: 'passed' },
      },
    ]);
  });

  it('without a value is a definition that validation would have refused', async () => {
    const { ports } = await sourceLab();
    expect(() => createTokenSource(ports, definition({ grant: 'static' }))).toThrow(TypeError);
  });
});

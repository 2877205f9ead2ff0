import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LoginTokens, TokenSource } from '../../src/auth/authorizer.ts';
import { createOAuthIssuer } from '../../src/auth/issuer/oauth-issuer.ts';
import { beginCodeLogin } from '../../src/auth/login/login-by-code.ts';
import { finishDeviceLogin } from '../../src/auth/login/login-by-device.ts';
import { createUsedCodes } from '../../src/auth/login/login-codes.ts';
import { createTokenSource } from '../../src/auth/token-source.ts';
import { causeOf } from '../../src/model/cause.ts';
import type { TokenDefinition } from '../../src/model/check.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Issuer } from '../lab/issuer.ts';
import type { LabClientId } from '../lab/issuer-clients.ts';
import { approveDevice, consent } from '../lab/person.ts';
import { settle } from '../support/virtual-system.ts';
import { tokenRun } from './issuer-lab.ts';
import { definition, labDefinition, labIssuer, type SourceLab, sourceLab } from './token-lab.ts';

const api = { url: new URL('https://api.example/v1'), method: 'GET' };
const redirectUri = 'http://127.0.0.1:53001/callback';
const dayMs = 24 * 3_600_000;

let processes = 0;

/** A process whose wall clock is right, so that what it signs is taken. */
async function punctualLab(folder?: string): Promise<SourceLab> {
  // A seed of its own: an issuer takes no proof twice.
  processes += 1;
  const lab = await sourceLab({ seed: `process ${processes}`, ...(folder !== undefined && { folder }) });
  lab.system.clock.stepWall(Date.now() - lab.system.clock.wallMs());
  return lab;
}

/** What `sonde login` brings, by a process of its own. */
async function logIn(
  issuer: Issuer,
  wanted: TokenDefinition,
  answer: 'grant' | 'fewer' = 'grant',
): Promise<LoginTokens> {
  const { ports } = await punctualLab();
  const ours = createOAuthIssuer(ports, wanted);
  const codes = createUsedCodes(ports.store, wanted.name);
  const login = { issuer: ours, random: ports.system.random, codes, mask: ports.mask };
  const begun = await beginCodeLogin(login, { redirectUri, issuer: issuer.origin }, tokenRun());
  if (!('address' in begun)) throw new Error(JSON.stringify(begun.observation));
  const end = await begun.finish((await consent(begun.address, { answer })).searchParams);
  if (end.kind !== 'granted') throw new Error(JSON.stringify(end));
  return end.tokens;
}

const causeCodes = ({ results }: SourceLab) => results.map(({ outcome }) => causeOf(outcome)?.code ?? 'passed');

const sentToken = async (source: TokenSource) => {
  const { headers } = (await source.authorizer()?.authorize(api)) ?? { headers: {} };
  return (headers as Record<string, string>).authorization?.replace(/^\w+ /, '') ?? '';
};

describe('a source with an authorization code', () => {
  it('waits for a login, goes on with it at once, and over refreshes and a restart', async () => {
    const issuer = await labIssuer();
    const lab = await punctualLab();
    const wanted = labDefinition(issuer, 'lab-person-web', { refresh: { everyMs: 60_000 } });
    const source = await lab.started(wanted);
    expect(causeCodes(lab)).toEqual(['consent_required']);
    await lab.system.clock.advance(dayMs);
    expect(lab.results).toHaveLength(1);
    expect(lab.warnings).toHaveLength(1);

    const login = await logIn(issuer, wanted);
    await source.adopt?.({ ...login, sentAt: { monotonicMs: 0, wallMs: lab.system.clock.wallMs() } });
    expect(await sentToken(source)).toBe(login.accessToken.reveal());
    expect(causeCodes(lab)).toEqual(['consent_required', 'passed']);
    const refreshed = lab.nextResult();
    await lab.system.clock.advance(60_000);
    expect((await refreshed).outcome.kind).toBe('passed');
    expect(await issuer.introspect(await sentToken(source))).toMatchObject({ active: true });
    await source.stop();

    const later = await sourceLab({ folder: lab.folder });
    later.system.clock.stepWall(lab.system.clock.wallMs() - later.system.clock.wallMs());
    const restarted = await later.started(wanted);
    expect(restarted.current()?.generation).toBe(2);
    const asked = later.nextResult();
    await later.system.clock.advance(60_000);
    expect((await asked).outcome.kind).toBe('passed');
  });

  it('keeps the key that its tokens are bound to, over refreshes and a restart', async () => {
    const issuer = await labIssuer();
    const lab = await punctualLab();
    const wanted = labDefinition(issuer, 'lab-person-dpop');
    const source = await lab.started(wanted);
    const login = await logIn(issuer, wanted);
    await source.adopt?.(login);
    const shown = await source.authorizer()?.authorize(api);
    expect(shown?.headers).toMatchObject({ authorization: /^DPoP /, dpop: expect.any(String) });
    source.suspect(1);
    expect((await lab.nextResult()).outcome.kind).toBe('passed');
    await source.stop();
    const stored = await lab.ports.store.read('claude');
    expect(stored?.dpopKey?.reveal()).toBe(login.dpopKey?.reveal());

    const later = await punctualLab(lab.folder);
    const restarted = await later.started(wanted);
    expect(restarted.current()?.generation).toBe(2);
    restarted.suspect(2);
    expect((await later.nextResult()).outcome.kind).toBe('passed');
    expect(restarted.current()?.generation).toBe(3);
  });

  it('tells of scopes that the person did not give, and keeps and refreshes what it has', async () => {
    const issuer = await labIssuer();
    const lab = await punctualLab();
    const wanted = labDefinition(issuer, 'lab-person-web', {
      scopes: ['openid', 'offline_access', 'models.read', 'usage.read'],
      neededScopes: { billing: ['usage.read'], models: ['models.read'] },
    });
    const source = await lab.started(wanted);
    await source.adopt?.(await logIn(issuer, wanted, 'fewer'));
    const missingScopes = { asked: ['usage.read'], byCheck: { billing: ['usage.read'] } };
    expect(lab.observations.at(-1)).toMatchObject({ missingScopes });
    expect(source.current()?.scopes).not.toContain('usage.read');
    await lab.system.clock.advance(500_000);
    await expect.poll(() => lab.results.length).toBe(3);
    expect(causeCodes(lab).slice(1)).toEqual(['insufficient_scope', 'insufficient_scope']);
    expect(source.current()?.generation).toBe(2);
    await source.stop();

    const later = await sourceLab({ folder: lab.folder });
    later.system.clock.stepWall(lab.system.clock.wallMs() - later.system.clock.wallMs());
    await later.started(wanted);
    expect(later.observations[0]).toMatchObject({ phases: {}, missingScopes });
  });

  it('ends by a logout: revoked, forgotten, its export removed, and not asked for before another login', async () => {
    const issuer = await labIssuer();
    const lab = await punctualLab();
    const file = join(lab.folder, 'token');
    const wanted = labDefinition(issuer, 'lab-person-web', { exportTo: { file, mode: 0o640 } });
    const source = await lab.started(wanted);
    const login = await logIn(issuer, wanted);
    await source.adopt?.(login);
    expect(await readFile(file, 'utf8')).toBe(login.accessToken.reveal());
    expect(await source.logout?.()).toEqual({ revocation: 'revoked' });
    expect(await issuer.introspect(login.accessToken.reveal())).toEqual({ active: false });
    await expect(stat(file)).rejects.toThrow('ENOENT');
    expect(source.authorizer()).toBeUndefined();
    await lab.system.clock.advance(dayMs);
    expect(causeCodes(lab)).toEqual(['consent_required', 'passed', 'consent_required']);
    await source.adopt?.({
      ...(await logIn(issuer, wanted)),
      sentAt: { monotonicMs: 0, wallMs: lab.system.clock.wallMs() },
    });
    expect(source.current()).toBeDefined();
  });
});

describe('a source with a device code', () => {
  it('goes on with what its login brought', async () => {
    const issuer = await labIssuer();
    const lab = await punctualLab();
    const wanted = labDefinition(issuer, 'lab-device');
    const source = await lab.started(wanted);
    expect(causeCodes(lab)).toEqual(['consent_required']);
    const device = await punctualLab();
    const ours = createOAuthIssuer(device.ports, wanted);
    const begun = await ours.deviceAuthorization(tokenRun());
    if (!('userCode' in begun)) throw new Error(JSON.stringify(begun.observation));
    await approveDevice(issuer.origin, begun.userCode);
    const { clock } = device.system;
    const ended = finishDeviceLogin(
      { issuer: ours, clock },
      { authorization: begun, endsAtMs: begun.expiresInMs },
      tokenRun(),
    );
    await clock.advance(begun.intervalMs);
    const end = await ended;
    if (end.kind !== 'granted') throw new Error(end.kind);
    await source.adopt?.({ ...end.tokens, sentAt: { monotonicMs: 0, wallMs: lab.system.clock.wallMs() } });
    source.suspect(1);
    expect((await lab.nextResult()).outcome.kind).toBe('passed');
    expect(await issuer.introspect(await sentToken(source))).toMatchObject({ active: true });
  });
});

describe('a source with an assertion', () => {
  const assertion = { lifetimeMs: 60_000, claims: {}, subject: 'lab-person' };

  it('is granted tokens by assertions of its own, and nobody logs in to it', async () => {
    const issuer = await labIssuer();
    const lab = await punctualLab();
    const wanted = labDefinition(issuer, 'lab-assertion-key', { assertion, refresh: { everyMs: 60_000 } });
    const source = await lab.started(wanted);
    expect(await issuer.introspect(await sentToken(source))).toMatchObject({ active: true });
    expect(source).not.toHaveProperty('adopt');
    expect(source).not.toHaveProperty('logout');
    await expect(stat(join(lab.folder, 'tokens.json'))).rejects.toThrow('ENOENT');
  });

  it('tries again slowly when its assertion is refused: the next one is another', async () => {
    const issuer = await labIssuer();
    const lab = await punctualLab();
    const wanted = labDefinition(issuer, 'lab-assertion-key', {
      assertion: { ...assertion, audience: 'https://other' },
    });
    await lab.started(wanted);
    expect(lab.observations[0]).toMatchObject({ error: 'invalid_grant' });
    await lab.system.clock.advance(360_001);
    await expect.poll(() => lab.results.length).toBeGreaterThan(1);
    expect(lab.warnings).toEqual([]);
  });
});

describe('a source whose issuer tells what it knows of a token', () => {
  it('tells a revoked token from a live one, and has another at once', async () => {
    const issuer = await labIssuer();
    const lab = await punctualLab();
    const source = await lab.started(labDefinition(issuer, 'lab-service', { introspect: true }));
    expect(await source.suspect(1)).toBe('live');
    await lab.nextResult();
    await lab.system.clock.advance(60_000);
    await issuer.revoke(await sentToken(source));
    const renewed = lab.nextResult();
    expect(await source.suspect(2)).toBe('revoked');
    expect((await renewed).outcome.kind).toBe('passed');
    expect(await issuer.introspect(await sentToken(source))).toMatchObject({ active: true });
  });

  it('does not call a token revoked whose life was never told, and has another at once', async () => {
    const issuer = await labIssuer();
    await issuer.faults.set('no-expiry', '/token');
    const lab = await punctualLab();
    const source = await lab.started(labDefinition(issuer, 'lab-service', { introspect: true }));
    await issuer.revoke(await sentToken(source));
    const renewed = lab.nextResult();
    expect(await source.suspect(1)).toBe('unknown');
    expect(source.current()).toBeUndefined();
    expect((await renewed).outcome.kind).toBe('passed');
    expect(await issuer.introspect(await sentToken(source))).toMatchObject({ active: true });
  });

  it('says nothing where the issuer does not answer', async () => {
    const issuer = await labIssuer();
    const lab = await punctualLab();
    const source = await lab.started(labDefinition(issuer, 'lab-service', { introspect: true }));
    await issuer.faults.set('down');
    expect(await source.suspect(1)).toBe('unknown');
  });
});

describe('a source whose configuration lacks a secret', () => {
  const missingSecret = { reference: 'secret/claude#key', problem: 'the Vault is sealed' };

  it.each(['client_credentials', 'static'] as const)('asks nobody and waits, by the grant %s', async (grant) => {
    const lab = await sourceLab();
    const source = await lab.started(definition({ grant, missingSecret }));
    source.start();
    await lab.system.clock.advance(dayMs);
    expect(source.current()).toBeUndefined();
    expect(source.authorizer()).toBeUndefined();
    expect(await source.suspect(0)).toBe('unknown');
    expect(source.view()).toMatchObject({ name: 'claude', generation: 0, lastRun: { kind: 'errored' } });
    expect(causeCodes(lab)).toEqual(['secret_unavailable']);
    expect(lab.observations).toEqual([{ grant, phases: {}, missingSecret }]);
  });

  it('is not waited for when it ends before it began', async () => {
    const { ports, results } = await sourceLab();
    const source = createTokenSource(ports, definition({ missingSecret }));
    await source.stop();
    source.start();
    await source.firstRun;
    await settle();
    expect(results).toEqual([]);
  });
});

describe('a refresh every second', () => {
  it('is what `every: 1s` asks for', async () => {
    const issuer = await labIssuer();
    const lab = await sourceLab();
    const refreshToken = new Secret(await issuer.mintRefreshToken('lab-user', ['models.read']));
    const client: LabClientId = 'lab-user';
    const source = await lab.started(labDefinition(issuer, client, { refreshToken, refresh: { everyMs: 1000 } }));
    for (let generation = 2; generation <= 4; generation++) {
      const refreshed = lab.nextResult();
      await lab.system.clock.advance(1000);
      expect((await refreshed).outcome.kind).toBe('passed');
      expect(source.current()?.generation).toBe(generation);
    }
  });
});

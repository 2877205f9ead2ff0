import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CauseCode } from '../../src/model/cause.ts';
import type { LabClientId } from '../lab/issuer-clients.ts';
import type { IssuerFaultName } from '../lab/issuer-faults.ts';
import { approveDevice, consent, denyDevice } from '../lab/person.ts';
import { startWorld, type World } from '../lab/world.ts';
import { type RunningDaemon, runDaemon } from '../support/running-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { logIn } from './person.ts';
import { checkRun, configure, expectTokenCause, runOnce, type Scene, tokenRun } from './scene.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ slowMs: 2_000, deviceIntervalSeconds: 1 });
});
afterAll(() => world.close());
afterEach(async () => {
  await world.api.faults.clear();
  await world.issuer.faults.clear();
});

const stored = async (stateDir: string) => {
  const { content } = JSON.parse(await readFile(join(stateDir, 'tokens.json'), 'utf8'));
  return content.tokens.find(({ name }: { readonly name: string }) => name === 'lab');
};

/** The value of the series that begins so. */
async function count(daemon: RunningDaemon, series: string): Promise<number> {
  const [line = ''] = await daemon.metrics(series);
  return Number(line.split(' ').at(-1));
}

const patience = { timeout: 30_000, interval: 100 };

const seed = (client: LabClientId) => world.issuer.mintRefreshToken(client, ['models.read']);

describe('what the issuer grants by', () => {
  it('invalid_grant: a refresh token that nobody has issued, and one whose access a person has ended', async () => {
    await expectTokenCause(world, 'invalid_grant', {
      client: 'lab-user',
      token: { refresh_token: 'never-issued-by-anyone' },
    });
    const refresh_token = await seed('lab-steady');
    world.issuer.revokeAll();
    await expectTokenCause(world, 'invalid_grant', { client: 'lab-steady', token: { refresh_token } });
  });

  it('invalid_grant: an assertion by the key of another', async () => {
    const private_key = world.issuer.clientKey('lab-key').pem;
    const token = { private_key, assertion: { subject: 'somebody' } };
    await expectTokenCause(world, 'invalid_grant', { client: 'lab-assertion', token });
  });

  it('code_reused: somebody has redeemed the code of a login before sonde does, and the issuer says so', async () => {
    await world.issuer.faults.set('says-why', '/token');
    const { exit, read } = await logIn(
      world,
      { client: 'lab-person-app' },
      {
        stateDir: await temporaryFolder(),
        async browse(address) {
          const redirect = await consent(address);
          await world.issuer.spendCode(redirect.searchParams.get('code') ?? '');
          await fetch(redirect);
        },
      },
    );
    expect(exit).toBe(1);
    expect(read).toContain('code_reused');
  });

  it('invalid_scope: a scope that is granted to none, and a resource that there is not', async () => {
    await expectTokenCause(world, 'invalid_scope', { client: 'lab-service', token: { scopes: ['admin'] } });
    const resource = 'https://elsewhere.example/';
    await expectTokenCause(world, 'invalid_scope', { client: 'lab-service', token: { resource } });
  });
});

describe('refresh_token_rotated_away', () => {
  it('another holder has spent the successor that the issuer gave us', async () => {
    const token = { refresh_token: await seed('lab-user'), refresh: { every: '1s' } };
    const daemon = await runDaemon(configure(world, { client: 'lab-user', token }));
    await checkRun(daemon, undefined);
    await world.issuer.spendRefreshToken((await stored(daemon.stateDir)).refreshToken);
    const { fields, message } = await tokenRun(daemon, 'refresh_token_rotated_away');
    expect([fields.detail, message]).toEqual(expect.arrayContaining([expect.stringContaining('another holder')]));

    // The issuer is left alone until a person has acted, though the API refuses what the replay has revoked.
    const asked = world.issuer.tokenRequests();
    await checkRun(daemon, 'unauthorized');
    const runs = () => count(daemon, 'sonde_runs_total{check="api",outcome="failed"}');
    const before = await runs();
    await vi.waitFor(async () => expect(await runs()).toBeGreaterThan(before + 15), patience);
    expect(world.issuer.tokenRequests()).toBe(asked);
  });

  it.each<IssuerFaultName>(['cut-answer', 'slow-answer'])(
    'an answer was lost to %s, and the time of its request is told',
    async (fault) => {
      const stateDir = await temporaryFolder();
      const scene: Scene = { client: 'lab-user', token: { refresh_token: await seed('lab-user') } };
      const beganMs = Date.now();
      await world.issuer.faults.set(fault);
      await expectTokenCause(world, 'issuer_unavailable', scene, { stateDir });
      await world.issuer.faults.clear();
      const { detail } = await expectTokenCause(world, 'refresh_token_rotated_away', scene, { stateDir });
      const [, sentAt = ''] = /was sent at (\S+Z)/.exec(detail) ?? [];
      expect(Date.parse(sentAt)).toBeGreaterThanOrEqual(beganMs);
      expect(Date.parse(sentAt)).toBeLessThanOrEqual(Date.now());
    },
  );
});

describe('an answer without an access token', () => {
  it('is told as what it is, and its refresh token is not lost', async () => {
    const stateDir = await temporaryFolder();
    const scene: Scene = { client: 'lab-user', token: { refresh_token: await seed('lab-user') } };
    await world.issuer.faults.set('no-access-token');
    await expectTokenCause(world, 'issuer_protocol_error', scene, { stateDir });
    await world.issuer.faults.clear();
    expect((await runOnce(world, scene, { stateDir })).outcome).toBe('passed');
  });
});

describe('consent_required', () => {
  it('nobody has logged in, until somebody does', async () => {
    const stateDir = await temporaryFolder();
    const scene: Scene = { client: 'lab-person-app' };
    const { detail } = await expectTokenCause(world, 'consent_required', scene, { stateDir });
    expect(detail).toContain('sonde login … --token lab');
    const browse = async (address: URL) => void (await fetch(await consent(address)));
    expect((await logIn(world, scene, { stateDir, browse })).exit).toBe(0);
    expect((await runOnce(world, scene, { stateDir })).outcome).toBe('passed');
  });

  it('a person at a browser says no', async () => {
    const stateDir = await temporaryFolder();
    const browse = async (address: URL) => void (await fetch(await consent(address, { answer: 'deny' })));
    const { exit, read } = await logIn(world, { client: 'lab-person-app' }, { stateDir, browse });
    expect(exit).toBe(1);
    expect(read).toContain('consent_required');
  });

  it('a person with a device says no, and lets it in the next time', async () => {
    const stateDir = await temporaryFolder();
    const attempt = (answer: typeof approveDevice) => {
      let isAnswered = false;
      return logIn(
        world,
        { client: 'lab-device' },
        {
          stateDir,
          hear(read) {
            const [userCode] = /\b[A-Z]{4}-[A-Z]{4}\b/.exec(read) ?? [];
            if (userCode === undefined || isAnswered) return;
            isAnswered = true;
            void answer(world.issuer.origin, userCode);
          },
        },
      );
    };
    const refused = await attempt(denyDevice);
    expect([refused.exit, refused.read]).toEqual([1, expect.stringContaining('consent_required')]);
    expect((await attempt(approveDevice)).exit).toBe(0);
    expect((await runOnce(world, { client: 'lab-device' }, { stateDir })).outcome).toBe('passed');
  });
});

describe('an issuer that fails', () => {
  it.each<[CauseCode, IssuerFaultName]>([
    ['issuer_unavailable', 'down'],
    ['issuer_unavailable', 'slow'],
    ['issuer_unavailable', 'slow-answer'],
    ['issuer_unavailable', 'status-500'],
    ['issuer_unavailable', 'endless-body'],
    ['issuer_unavailable', 'cut-answer'],
    ['issuer_protocol_error', 'html-200'],
    ['issuer_protocol_error', 'negative-expiry'],
    ['issuer_protocol_error', 'no-access-token'],
    ['issuer_protocol_error', 'no-token-type'],
  ])('%s: %s', async (code, fault) => {
    await world.issuer.faults.set(fault);
    await expectTokenCause(world, code, { client: 'lab-service' });
  });

  it('issuer_unavailable: nothing listens where it should be', async () => {
    await expectTokenCause(world, 'issuer_unavailable', {
      client: 'lab-service',
      token: { issuer: 'http://127.0.0.1:1' },
    });
  });

  it('issuer_unavailable: the token that is held goes on being used', async () => {
    const daemon = await runDaemon(
      configure(world, { client: 'lab-service', token: { refresh: { every: '1s' } }, check: { every: '200ms' } }),
    );
    await checkRun(daemon, undefined);
    await world.issuer.faults.set('status-500');
    await tokenRun(daemon, 'issuer_unavailable');
    expect(await daemon.metrics('probe_success')).toEqual([expect.stringMatching(/ 1$/)]);
    const refreshes = () => count(daemon, 'sonde_token_refreshes_total{token="lab",outcome="passed"');
    const before = await refreshes();
    await world.issuer.faults.clear();
    await vi.waitFor(async () => expect(await refreshes()).toBeGreaterThan(before), patience);
  });
});

describe('insufficient_scope', () => {
  it('the issuer grants less than was asked for: the token is kept, and its run says what is missing', async () => {
    await world.issuer.faults.set('fewer-scopes');
    const token = { scopes: ['models.read', 'usage.read'] };
    const daemon = await runDaemon(configure(world, { client: 'lab-service', token }));
    const { fields } = await tokenRun(daemon, 'insufficient_scope');
    expect(fields).toMatchObject({ evidence: { missing_scopes: ['usage.read'], granted_scopes: ['models.read'] } });
    await checkRun(daemon, undefined);
  });

  it('a check needs a scope that was never asked for, and is named before the API refuses it', async () => {
    const scene: Scene = { client: 'lab-service', path: '/v1/usage', check: { needs_scopes: ['usage.read'] } };
    const daemon = await runDaemon(configure(world, scene));
    const { fields } = await tokenRun(daemon, 'insufficient_scope');
    expect(fields).toMatchObject({ evidence: { missing_scopes: ['usage.read'], needed_by: ['api'] } });
    const refused = await checkRun(daemon, 'insufficient_scope');
    expect(refused.fields).toMatchObject({ evidence: { missing_scopes: ['usage.read'] } });
  });
});

describe('a token that was good', () => {
  it('token_revoked: the issuer, asked about a token that the API refuses, says so', async () => {
    const daemon = await runDaemon(configure(world, { client: 'lab-service', token: { introspect: true } }));
    await checkRun(daemon, undefined);
    await world.api.faults.set('token-revoked');
    const { fields } = await checkRun(daemon, 'token_revoked');
    expect(fields).toMatchObject({ evidence: { issuer_says: 'revoked' } });
    expect(world.issuer.requests('/token/introspection')).toBeGreaterThan(0);
  });

  // What a target says of an expired token is provoked in causes.test.ts.
  it('is renewed by its own exp, whatever longer life its issuer tells', async () => {
    const life = 60;
    const short = await startWorld({ accessTokenSeconds: life });
    try {
      await short.issuer.faults.set('long-expiry');
      const daemon = await runDaemon(configure(short, { client: 'lab-jwt' }));
      await checkRun(daemon, undefined);
      const expiresAt = await count(daemon, 'sonde_token_expiry_timestamp_seconds');
      expect(expiresAt).toBeLessThanOrEqual(Date.now() / 1000 + life);
    } finally {
      await short.close();
    }
  });
});

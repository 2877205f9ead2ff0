import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CauseCode } from '../../src/model/cause.ts';
import type { ApiFaultName } from '../lab/api-faults.ts';
import { startWorld, type World } from '../lab/world.ts';
import { runDaemon } from '../support/running-daemon.ts';
import { startTarget } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { configure, runOnce as once, type Scene } from './scene.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ slowMs: 2_000 });
});
afterAll(() => world.close());
afterEach(async () => {
  await world.api.faults.clear();
  await world.issuer.faults.clear();
});

const runOnce = (scene: Scene, stateDir?: string) => once(world, scene, stateDir === undefined ? {} : { stateDir });

const user = (): Scene => ({ client: 'lab-service' });

describe('a fault of the API, by the cause that it gets', () => {
  it.each<[CauseCode, ApiFaultName]>([
    ['upstream_5xx', 'status-500'],
    ['upstream_5xx', 'status-503'],
    ['rate_limited_by_target', 'status-503-retry'],
    ['rate_limited_by_target', 'status-429'],
    ['timeout', 'slow'],
    ['timeout', 'stall'],
    ['connection_reset', 'reset'],
    ['connection_reset', 'reset-in-headers'],
    ['connection_reset', 'reset-in-body'],
    ['connection_reset', 'cut-body'],
    ['protocol_error', 'wrong-framing'],
    ['protocol_error', 'redirect-loop'],
    ['connect_refused', 'closed-port'],
    ['body_too_large', 'huge-body'],
    ['unauthorized', 'html-401'],
    ['token_expired', 'token-expired'],
    ['unauthorized', 'token-revoked'],
    ['insufficient_scope', 'scope-strict'],
  ])('%s: %s', async (code, fault) => {
    await world.api.faults.set(fault);
    const { outcome, cause } = await runOnce(user());
    expect(outcome).toMatch(/^(failed|errored)$/);
    expect(cause).toMatchObject({ code, detail: expect.any(String), sentence: expect.any(String) });
  });

  it.each<[ApiFaultName]>([['wrong-json'], ['not-json'], ['empty-list']])('assertion_failed: %s', async (fault) => {
    await world.api.faults.set(fault);
    const { cause } = await runOnce({
      ...user(),
      check: { assert: [{ json: '$.data[0].id', matches: '^claude' }] },
    });
    expect(cause).toMatchObject({ code: 'assertion_failed', detail: expect.stringContaining('$.data[0].id') });
  });

  it('passes when nothing is broken', async () => {
    expect(await runOnce(user())).toMatchObject({ outcome: 'passed', facts: { status: 200 } });
  });

  it('upstream_4xx: an address that the API does not have', async () => {
    expect(await runOnce({ path: '/v9/models' })).toMatchObject({ cause: { code: 'upstream_4xx' } });
  });

  it('unauthorized: no token where one is wanted', async () => {
    expect(await runOnce({})).toMatchObject({ cause: { code: 'unauthorized' } });
  });

  it('insufficient_scope: the token lacks what the route asks for, and the cause names it', async () => {
    const { cause } = await runOnce({ ...user(), path: '/v1/usage' });
    expect(cause).toMatchObject({ code: 'insufficient_scope', detail: expect.stringContaining('usage.read') });
  });

  it('clock_skew: a fake API, an hour ahead of the issuer, takes a JWT for expired', async () => {
    const target = await startTarget();
    target.answerWith((_, response) => {
      response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString());
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
    });
    const { cause } = await runOnce({ client: 'lab-jwt', origin: target.origin });
    expect(cause).toMatchObject({ code: 'clock_skew', evidence: { token: 'lab' } });
    // An opaque token says nothing of time, so the same answer is not blamed on a clock.
    expect((await runOnce({ ...user(), origin: target.origin })).cause.code).not.toBe('clock_skew');
  });
});

describe('our own doing', () => {
  it('rate_limited_by_self: the budget is smaller than what its checks ask for', async () => {
    const daemon = await runDaemon(
      configure(world, {
        path: '/health',
        sections: { budgets: { narrow: { rate: '1/h', burst: 1 } } },
        check: { budget: 'narrow' },
      }),
    );
    const { fields } = await daemon.log.line(({ fields: { cause } }) => cause === 'rate_limited_by_self');
    expect(fields).toMatchObject({ outcome: 'skipped', evidence: { budget: 'narrow' } });
    expect(await daemon.metrics('probe_success')).toEqual([]);
  });

  it('overrun: the run before is still going when the next one is due', async () => {
    await world.api.faults.set('stall');
    const daemon = await runDaemon(configure(world, { path: '/health' }));
    await daemon.log.line(({ fields: { cause } }) => cause === 'overrun');
  });

  it('shutdown: the grace period ends before the run does', async () => {
    await world.api.faults.set('stall');
    const daemon = await runDaemon(
      configure(world, { path: '/health', check: { timeout: '1h' }, sections: { shutdown_grace: '100ms' } }),
    );
    await daemon.log.line(({ fields: { cause } }) => cause === 'overrun');
    await daemon.stop();
    expect(daemon.log.lines.some(({ fields: { cause } }) => cause === 'shutdown')).toBe(true);
  });

  it('secret_unavailable: the token store is damaged, and it is left as it is', async () => {
    const stateDir = await temporaryFolder();
    await writeFile(join(stateDir, 'tokens.json'), '{"half":');
    const refreshToken = await world.issuer.mintRefreshToken('lab-user', ['models.read']);
    const { cause } = await runOnce({ client: 'lab-user', token: { refresh_token: refreshToken } }, stateDir);
    expect(cause).toMatchObject({ code: 'token_absent', evidence: { token_cause: 'secret_unavailable' } });
  });
});

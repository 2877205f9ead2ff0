import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LabClientId } from '../lab/issuer-clients.ts';
import { startWorld, type World } from '../lab/world.ts';
import { startFakeNtpServer } from '../skew/fake-ntp-server.ts';
import { runDaemon } from '../support/running-daemon.ts';
import { checkRun, configure, createSkewedSystem, expectTokenCause, runOnce, type Scene, tokenRun } from './scene.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
afterEach(() => world.api.faults.clear());

describe('clock_skew', () => {
  const offMs = [400_000, -400_000] as const;
  const signing: readonly [LabClientId, Record<string, unknown>, string][] = [
    ['lab-key', {}, 'client assertion'],
    ['lab-secret-jwt', {}, 'client assertion'],
    ['lab-assertion', { assertion: { subject: 'somebody' } }, 'assertion'],
    ['lab-dpop', { dpop: true }, 'DPoP proof'],
  ];
  const cases = signing.flatMap(([client, token, signed]) => offMs.map((off) => ({ client, token, signed, off })));

  it.each(cases)('$client refuses what a clock that is $off ms off has stamped', async (scene) => {
    const { signed, off, ...named } = scene;
    await expectTokenCause(world, 'clock_skew', named, { system: createSkewedSystem(off) });
    const daemon = await runDaemon(configure(world, named), { system: createSkewedSystem(off) });
    const { fields } = await tokenRun(daemon, 'clock_skew');
    expect(fields).toMatchObject({ evidence: { signed, stamps_corrected: false } });
  });

  /** A daemon whose clock is off, which it learns from a fake time server at once, or from `Date` headers in a while. */
  async function corrected(off: number, scene: Scene, timeServer?: number) {
    const servers = timeServer === undefined ? {} : { servers: [`127.0.0.1:${timeServer}`] };
    const sections = { clock: { correct_assertions: true, ...servers } };
    // Its answers tell the time, which those of a target that waits for a token cannot do.
    const checks = { health: { every: '100ms', http: `${world.api.origin}/health` } };
    const yaml = configure(world, { ...scene, sections, checks });
    const daemon = await runDaemon(yaml, { system: createSkewedSystem(off) });
    await checkRun(daemon, undefined);
    const { level } = await daemon.log.line(({ fields }) => fields.clock === (off > 0 ? 'ahead' : 'behind'));
    expect(level).toBe('warn');
  }

  it.each(cases)(
    '$client works with stamps corrected by a fake time server, though the clock is $off ms off',
    async ({ client, token, off }) => corrected(off, { client, token }, await startFakeNtpServer(Date.now)),
  );

  it('works with stamps corrected by the Date headers of real servers', () =>
    corrected(400_000, { client: 'lab-key' }));

  it.each([120_000, -120_000])('an API refuses a proof that the issuer still took, %d ms off', async (off) => {
    const scene: Scene = { client: 'lab-dpop', token: { dpop: true } };
    const { cause } = await runOnce(world, scene, { system: createSkewedSystem(off) });
    expect(cause).toMatchObject({ code: 'clock_skew', evidence: { signed: 'DPoP proof' } });
  });

  it.each(offMs)('is never said of an opaque token for our own clock alone: %d ms', async (off) => {
    const daemon = await runDaemon(configure(world, { client: 'lab-service' }), { system: createSkewedSystem(off) });
    await daemon.log.line(({ fields }) => fields.clock === (off > 0 ? 'ahead' : 'behind'));
    await world.api.faults.set('html-401');
    await checkRun(daemon, 'unauthorized');
    expect(daemon.log.lines.filter(({ fields }) => fields.cause === 'clock_skew')).toEqual([]);
  });
});

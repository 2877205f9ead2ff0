import { describe, expect, it } from 'vitest';
import { createSystem, type System } from '../../src/system/system.ts';
import { freeUdpPort } from '../net/udp-loopback.ts';
import { startFakeNtpServer } from '../skew/fake-ntp-server.ts';
import { runDaemon } from '../support/running-daemon.ts';
import { startTarget } from '../support/target.ts';

/** This machine, with a wall clock that is off by so many milliseconds. */
function createSkewedSystem(offMs: number): System {
  const system = createSystem();
  return { ...system, clock: { ...system.clock, wallMs: () => system.clock.wallMs() + offMs } };
}

const checkOf = (origin: string) => `checks:\n  api:\n    every: 100ms\n    http: ${origin}\n`;
const clockOf = (...ports: readonly number[]) => `clock:\n  servers: [${ports.map((port) => `"127.0.0.1:${port}"`)}]\n`;
const tellsClock = (state: string) => (line: { fields: Readonly<Record<string, unknown>> }) =>
  line.fields.clock === state;
const value = (line: string | undefined) => Number(line?.split(' ').at(-1));

describe('the clock of the daemon', () => {
  it.each([
    [400, 'ahead'],
    [-400, 'behind'],
  ])('is %d s off by the Date headers of a real target alone', async (offSeconds, state) => {
    const target = await startTarget();
    const daemon = await runDaemon(checkOf(target.origin), { system: createSkewedSystem(offSeconds * 1000) });
    const { level, message } = await daemon.log.line(tellsClock(state));
    expect(level).toBe('warn');
    expect(message).toContain('the Date headers of one origin say so');

    const clock = JSON.parse((await daemon.get('/api/v1/clock')).body);
    expect(clock).toMatchObject({ state, tolerance_ms: 1_000 });
    expect(Math.abs(clock.skew_ms - offSeconds * 1000)).toBeLessThan(2_000);
    expect(clock.sources).toMatchObject([{ source: target.origin, kind: 'date', state: 'used' }]);
    const [offset] = await daemon.metrics(`sonde_clock_offset_seconds{source="${target.origin}"}`);
    const [skew] = await daemon.metrics('sonde_clock_skew_seconds ');
    for (const line of [offset, skew]) expect(Math.abs(value(line) - offSeconds)).toBeLessThan(2);
    expect(await daemon.metrics('sonde_clock_tolerance_seconds')).toEqual(['sonde_clock_tolerance_seconds 1']);
    expect((await daemon.get('/')).body).toContain(`s ${state}`);
  });

  it('is measured by fake NTP servers on loopback, of which one is false and named', async () => {
    const target = await startTarget();
    const good = [await startFakeNtpServer(Date.now), await startFakeNtpServer(Date.now)];
    const bad = await startFakeNtpServer(() => Date.now() - 1_000_000);
    const daemon = await runDaemon(clockOf(...good, bad) + checkOf(target.origin), {
      system: createSkewedSystem(5_000),
    });
    const { message } = await daemon.log.line(
      ({ fields }) => fields.clock === 'ahead' && JSON.stringify(fields.not_used ?? []).includes(`${bad}`),
    );
    expect(message).toContain(`Outvoted: 127.0.0.1:${bad} (its own clock is 1000.0 s behind)`);
    const { skew_ms: skewMs, uncertainty_ms: uncertaintyMs } = JSON.parse((await daemon.get('/api/v1/clock')).body);
    expect(Math.abs(skewMs - 5_000)).toBeLessThanOrEqual(uncertaintyMs);
    expect(await daemon.metrics('sonde_clock_sources{state="outvoted"}')).toEqual([
      'sonde_clock_sources{state="outvoted"} 1',
    ]);
    expect(await daemon.metrics('sonde_budget_permits_total{budget="ntp"}')).toHaveLength(1);
  });

  it('loses over a reload the series of a server that is gone, and of a target', async () => {
    const [first, second] = [await startTarget(), await startTarget()];
    const silent = await freeUdpPort();
    const daemon = await runDaemon(clockOf(silent, await startFakeNtpServer(Date.now)) + checkOf(first.origin));
    await daemon.log.line(({ fields }) => fields.check === 'api');
    expect(JSON.parse((await daemon.get('/api/v1/clock')).body).sources).toHaveLength(3);

    await daemon.rewrite(checkOf(second.origin));
    await daemon.reload();
    await daemon.log.line(({ fields }) => String(fields.target).startsWith(second.origin));
    const sources = JSON.parse((await daemon.get('/api/v1/clock')).body).sources;
    expect(sources).toMatchObject([{ source: second.origin }]);
    expect(await daemon.metrics('sonde_clock_offset_seconds')).toHaveLength(1);
    expect(await daemon.metrics('sonde_budget_permits_total{budget="ntp"}')).toEqual([]);
  });
});

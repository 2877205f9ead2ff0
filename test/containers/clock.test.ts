import { Wait } from 'testcontainers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { falseClock } from './false-clock.ts';
import { counterpartImage, sondeUnderFaketimeImage } from './image.ts';
import { type SondeContainer, startSondeContainer } from './sonde-container.ts';
import { describeWithContainers, openStage, type Stage } from './stage.ts';

const patience = { timeout: 60_000, interval: 500 };

/** Of `/api/v1/clock`. All containers share one real clock, so what is true is known. */
interface ClockJson {
  readonly state: 'ok' | 'ahead' | 'behind' | 'unknown';
  readonly skew_ms?: number;
  readonly uncertainty_ms?: number;
  readonly reason: string;
  readonly sources: readonly { readonly source: string; readonly state: string; readonly skew_ms?: number }[];
}

/** Of `/api/v1/checks`. */
interface CheckJson {
  readonly name: string;
  readonly state: string;
}

const table = [['', 'true skew, ms', 'verdict', 'skew, ms', 'off by, ms', 'because']];

function note(what: string, trueSkewMs: number, { state, skew_ms, uncertainty_ms, reason }: ClockJson): void {
  const known = skew_ms !== undefined && uncertainty_ms !== undefined;
  const figures = known ? [`${skew_ms} ± ${uncertainty_ms}`, (skew_ms - trueSkewMs).toFixed(1)] : ['-', '-'];
  table.push([what, String(trueSkewMs), state, ...figures, reason]);
}

describeWithContainers('clocks', () => {
  let stage: Stage;
  let image: string;

  beforeAll(async () => {
    stage = await openStage();
    image = await sondeUnderFaketimeImage();
  });

  afterAll(async () => {
    process.stdout.write(`${table.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`);
    await stage?.[Symbol.asyncDispose]();
  });

  const startServer = async (name: string, environment = {}) =>
    stage.start(
      stage
        .container(await counterpartImage('chrony'), name)
        .withEnvironment(environment)
        .withWaitStrategy(Wait.forLogMessage(/chronyd version/)),
    );

  const startWeb = async (name: string) =>
    stage.start(
      stage
        .container(await counterpartImage('nginx'), name)
        .withCommand(['nginx', '-c', '/etc/nginx/plain.conf', '-g', 'daemon off;'])
        .withExposedPorts(8080)
        .withWaitStrategy(Wait.forListeningPorts()),
    );

  const startSonde = (configuration: object, environment = {}) =>
    startSondeContainer(stage, { image, configuration, environment });

  const clock = async (sonde: SondeContainer) => (await sonde.api('/api/v1/clock')) as ClockJson;

  const statesOf = ({ sources }: ClockJson) => Object.fromEntries(sources.map(({ source, state }) => [source, state]));

  /** Waits for a verdict that fits. */
  const verdict = (sonde: SondeContainer, fits: object) =>
    vi.waitFor(async () => {
      const told = await clock(sonde);
      expect({ ...told, states: statesOf(told) }).toMatchObject(fits);
      return told;
    }, patience);

  /** Holds a verdict to its own word, and to ours. */
  function expectNear(trueSkewMs: number, withinMs: number, { skew_ms = Number.NaN, uncertainty_ms = 0 }: ClockJson) {
    const offMs = Math.abs(skew_ms - trueSkewMs);
    expect(offMs).toBeLessThan(withinMs);
    expect(offMs).toBeLessThanOrEqual(uncertainty_ms);
  }

  const checkOf = (host: string) => ({ web: { every: '1s', http: `http://${host}:8080/` } });

  it('finds true time among three chrony servers of which one lies, and says unknown without a majority', async () => {
    const one = await startServer('one');
    const two = await startServer('two');
    await startServer('liar', falseClock(1000));
    const servers = ['one', 'two', 'liar'];
    const sonde = await startSonde({ clock: { servers, every: '2s' }, checks: checkOf('nowhere') });

    const found = await verdict(sonde, { state: 'ok', states: { one: 'used', two: 'used', liar: 'outvoted' } });
    note('three chrony servers, one of them 1000 s ahead', 0, found);
    expectNear(0, 50, found);
    expect(found.sources.find(({ source }) => source === 'liar')?.skew_ms).toBeCloseTo(-1_000_000, -2);

    await two.stop();
    note('one of the two true ones stopped', 0, await verdict(sonde, { state: 'unknown', states: { two: 'silent' } }));
    await one.stop();
    const alone = await verdict(sonde, { states: { one: 'silent', two: 'silent', liar: 'undecided' } });
    note('only the false one left', 0, alone);
    expect(alone).toMatchObject({ state: 'unknown' });
    expect(alone).not.toHaveProperty('skew_ms');
    expect((await sonde.metrics()).get('sonde_clock_skew_seconds')?.samples).toEqual([]);
  });

  it('finds by NTP how far its own clock is off', async () => {
    await startServer('true');
    for (const [seconds, state] of [
      [400, 'ahead'],
      [-400, 'behind'],
    ] as const) {
      const configuration = { clock: { servers: ['true'], every: '2s' }, checks: checkOf('nowhere') };
      const told = await verdict(await startSonde(configuration, falseClock(seconds)), { state });
      note(`its own clock ${seconds} s off, by NTP`, seconds * 1000, told);
      expectNear(seconds * 1000, 1000, told);
    }
  });

  it('finds by Date headers alone how far its own clock is off', async () => {
    await startWeb('web');
    for (const [seconds, state] of [
      [400, 'ahead'],
      [-400, 'behind'],
    ] as const) {
      const told = await verdict(await startSonde({ checks: checkOf('web') }, falseClock(seconds)), { state });
      note(`its own clock ${seconds} s off, by Date headers`, seconds * 1000, told);
      expectNear(seconds * 1000, 2000, told);
    }
  });

  it('checks one server by the kind ntp', async () => {
    await startServer('sound');
    await startServer('false', falseClock(1000));
    const check = (server: string) => ({
      every: '1s',
      ntp: server,
      assert: [{ offset: { within: '50ms' } }, { stratum: { below: 16 } }],
    });
    const sonde = await startSonde({ checks: { sound: check('sound'), false: check('false') } });

    const { checks } = await vi.waitFor(async () => {
      const told = (await sonde.api('/api/v1/checks')) as { readonly checks: readonly CheckJson[] };
      expect(told.checks.map(({ state }) => state)).not.toContain('unknown');
      return told;
    }, patience);
    expect(Object.fromEntries(checks.map((check) => [check.name, check]))).toMatchObject({
      sound: { kind: 'ntp', state: 'passing' },
      false: {
        state: 'failing',
        cause: { code: 'assertion_failed', detail: expect.stringMatching(/(999999|1000000)(\.\d+)? ms behind/) },
      },
    });
  });
});

import { type StartedTestContainer, Wait } from 'testcontainers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { falseClock } from './false-clock.ts';
import { counterpartImage, issuerImage, sondeUnderFaketimeImage } from './image.ts';
import { type SondeContainer, startSondeContainer } from './sonde-container.ts';
import { describeWithContainers, openStage, type Stage } from './stage.ts';

const patience = { timeout: 90_000, interval: 500 };

interface SigningClients {
  readonly private_key: string;
  readonly dpop_secret: string;
}

/** Of `/api/v1/tokens` and `/api/v1/checks`. */
interface Listed {
  readonly tokens?: readonly Entry[];
  readonly checks?: readonly Entry[];
}

interface Entry {
  readonly name: string;
  readonly state: string;
  readonly last_run?: {
    readonly outcome: string;
    readonly cause?: { readonly code: string; readonly evidence: object };
  };
}

const issuer = { issuer: 'http://issuer:7664', allow_http: true, grant: 'client_credentials', scopes: ['models.read'] };

const configuration = (correct: boolean) => ({
  clock: { servers: ['time'], every: '2s', correct_assertions: correct },
  tokens: {
    key: { ...issuer, client_id: 'lab-key', client_auth: 'private_key_jwt', private_key: `\${env:PRIVATE_KEY}` },
    dpop: { ...issuer, client_id: 'lab-dpop', client_secret: `\${env:DPOP_SECRET}`, dpop: true },
  },
  checks: Object.fromEntries(
    ['key', 'dpop'].map((token) => [
      `models-by-${token}`,
      { every: '1s', token, allow_http: true, http: 'http://issuer:7666/v1/models' },
    ]),
  ),
});

describeWithContainers('what sonde signs on a host whose clock is wrong', () => {
  let stage: Stage;
  let lab: StartedTestContainer;
  let image: string;
  let clients: SigningClients;

  beforeAll(async () => {
    stage = await openStage();
    image = await sondeUnderFaketimeImage();
    lab = await stage.start(
      stage
        .container(await issuerImage(), 'issuer')
        .withEnvironment({ ISSUER_HOST: 'issuer' })
        .withExposedPorts(7664, 7665)
        .withWaitStrategy(Wait.forHttp('/.well-known/openid-configuration', 7664)),
    );
    await stage.start(
      stage.container(await counterpartImage('chrony'), 'time').withWaitStrategy(Wait.forLogMessage(/chronyd version/)),
    );
    const answer = await fetch(`http://${lab.getHost()}:${lab.getMappedPort(7665)}/signing-clients`);
    clients = (await answer.json()) as SigningClients;
  });

  afterAll(() => stage?.[Symbol.asyncDispose]());

  const startSonde = (seconds: number, correct: boolean) =>
    startSondeContainer(stage, {
      image,
      alias: `sonde${seconds}${correct ? '-corrected' : ''}`.replace('--', '-'),
      configuration: configuration(correct),
      environment: { ...falseClock(seconds), PRIVATE_KEY: clients.private_key, DPOP_SECRET: clients.dpop_secret },
    });

  /** What is listed there, by name, once it fits. */
  const listed = (sonde: SondeContainer, what: keyof Listed, fits: object) =>
    vi.waitFor(async () => {
      const told = ((await sonde.api(`/api/v1/${what}`)) as Listed)[what] ?? [];
      expect(Object.fromEntries(told.map((entry) => [entry.name, entry]))).toMatchObject(fits);
    }, patience);

  const offs = [
    [400, 'ahead'],
    [-400, 'behind'],
  ] as const;

  it.each(offs)('%d s off, it is refused by the issuer, and the clock is named as the cause', async (seconds) => {
    const sonde = await startSonde(seconds, false);
    const refused = (signed: string) => ({
      state: 'absent',
      last_run: { cause: { code: 'clock_skew', evidence: { signed, stamps_corrected: false } } },
    });
    await listed(sonde, 'tokens', { key: refused('client assertion'), dpop: refused('DPoP proof') });
  });

  it.each(offs)(
    '%d s off, it is taken where stamps are corrected, and the clock is told of all the same',
    async (seconds, state) => {
      const sonde = await startSonde(seconds, true);
      await listed(sonde, 'tokens', { key: { state: 'live' }, dpop: { state: 'live' } });
      await listed(sonde, 'checks', { 'models-by-key': { state: 'passing' }, 'models-by-dpop': { state: 'passing' } });
      const clock = (await sonde.api('/api/v1/clock')) as { readonly skew_ms: number };
      expect(clock).toMatchObject({ state });
      expect(Math.abs(clock.skew_ms - seconds * 1000)).toBeLessThan(1000);
      expect((await sonde.metrics()).get('sonde_clock_skew_seconds')?.samples).toHaveLength(1);
    },
  );
});

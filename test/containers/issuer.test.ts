import { type StartedTestContainer, Wait } from 'testcontainers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { issuerImage, sondeImage } from './image.ts';
import { type SondeContainer, startSondeContainer } from './sonde-container.ts';
import { describeWithContainers, openStage, type Stage } from './stage.ts';

const patience = { timeout: 120_000, interval: 250 };

/** What a person's consent has brought. */
interface Credentials {
  readonly client_secret: string;
  readonly refresh_token: string;
}

/** Of `/api/v1/tokens`. */
interface TokenJson {
  readonly state: string;
  readonly last_run: { readonly outcome: string; readonly cause?: { readonly code: string; readonly action: string } };
}

/** Tokens live 20 s there; two refreshes are never closer than 5 s. */
const configuration = {
  tokens: {
    user: {
      issuer: 'http://issuer:7664',
      allow_http: true,
      grant: 'refresh_token',
      client_id: 'lab-user',
      client_secret: `\${env:CLIENT_SECRET}`,
      refresh_token: `\${env:REFRESH_TOKEN}`,
      refresh: { every: '5s' },
    },
  },
  checks: {
    // The issuer's own endpoint for whoever shows a token: what the check meets does not matter here.
    discovery: { every: '2s', http: 'http://issuer:7664/.well-known/openid-configuration' },
  },
};

describeWithContainers('rotating refresh tokens of oidc-provider in a container', () => {
  let stage: Stage;
  let issuer: StartedTestContainer;
  let credentials: Credentials;
  let volume: string;
  let sonde: SondeContainer;

  const control = async (path: string) =>
    (await fetch(`http://${issuer.getHost()}:${issuer.getMappedPort(7665)}${path}`)).json();

  const start = async (state: string) =>
    startSondeContainer(stage, {
      image: await sondeImage(),
      configuration,
      environment: { CLIENT_SECRET: credentials.client_secret, REFRESH_TOKEN: credentials.refresh_token },
      volume: state,
    });

  const token = async () => {
    const { tokens } = (await sonde.api('/api/v1/tokens')) as { readonly tokens: readonly TokenJson[] };
    return tokens[0];
  };

  /** How many runs of the token had this outcome, since the container started. */
  const refreshes = async (outcome: string) => {
    const family = (await sonde.metrics()).get('sonde_token_refreshes_total');
    const told = family?.samples.filter(({ labels }) => labels.outcome === outcome) ?? [];
    return told.reduce((sum, { value }) => sum + value, 0);
  };

  beforeAll(async () => {
    stage = await openStage();
    issuer = await stage.start(
      stage
        .container(await issuerImage(), 'issuer')
        .withEnvironment({ ISSUER_HOST: 'issuer' })
        .withExposedPorts(7664, 7665)
        .withWaitStrategy(Wait.forHttp('/.well-known/openid-configuration', 7664)),
    );
    credentials = (await control('/credentials')) as Credentials;
    volume = await stage.volume();
    sonde = await start(volume);
  });

  afterAll(() => stage?.[Symbol.asyncDispose]());

  it('rotates over several generations', async () => {
    await vi.waitFor(async () => expect(await refreshes('passed')).toBeGreaterThanOrEqual(4), patience);
    expect(await token()).toMatchObject({ state: 'live', last_run: { outcome: 'passed' } });
    expect([await refreshes('failed'), await refreshes('errored')]).toEqual([0, 0]);
  });

  it('goes on with the family when the container is replaced and its volume kept', async () => {
    expect(await sonde.terminate()).toBe(0);
    sonde = await start(volume);
    await vi.waitFor(async () => expect(await refreshes('passed')).toBeGreaterThanOrEqual(4), patience);
    expect([await refreshes('failed'), await refreshes('errored')]).toEqual([0, 0]);
    expect(await token()).toMatchObject({ state: 'live' });
  });

  it('says what to do when the volume is lost, after the one try that it takes to find out', async () => {
    expect(await sonde.terminate()).toBe(0);
    const before = await control('/token-requests');
    const empty = await stage.volume();
    sonde = await start(empty);
    await vi.waitFor(async () => expect(await refreshes('failed')).toBe(1), patience);
    expect(await token()).toMatchObject({
      state: 'absent',
      last_run: { cause: { code: 'invalid_grant', action: expect.stringContaining('new refresh token') } },
    });
    // It is not tried again by itself.
    const seen = await refreshes('failed');
    await vi.waitFor(async () => {
      const runs = (await sonde.metrics()).get('sonde_runs_total')?.samples ?? [];
      expect(runs.find(({ labels }) => labels.outcome === 'passed')?.value).toBeGreaterThanOrEqual(8);
    }, patience);
    expect([await refreshes('failed'), await control('/token-requests')]).toEqual([seen, Number(before) + 1]);
  });
});

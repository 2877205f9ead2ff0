import { getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { counterpartImage, sondeImage } from './image.ts';
import { type SondeContainer, startSondeContainer } from './sonde-container.ts';
import { describeWithContainers, openStage, type Stage } from './stage.ts';

/** A sample of an instant vector. */
interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** What Prometheus 2 asks for. */
const accept =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

const patience = { timeout: 120_000, interval: 500 };

const check = (url: string) => ({ every: '1s', http: url });
const staying = { prometheus: check('http://prometheus:9090/-/healthy') };

describeWithContainers('the image, scraped by Prometheus', () => {
  let stage: Stage;
  let prometheus: StartedTestContainer;
  let sonde: SondeContainer;

  beforeAll(async () => {
    stage = await openStage();
    const image = await sondeImage();
    prometheus = await stage.start(
      stage
        .container(await counterpartImage('prometheus'), 'prometheus')
        .withExposedPorts(9090)
        .withWaitStrategy(Wait.forHttp('/-/ready', 9090)),
    );
    sonde = await startSondeContainer(stage, {
      image,
      configuration: { checks: { ...staying, refused: check('http://prometheus:9/') } },
    });
  });

  afterAll(() => stage?.[Symbol.asyncDispose]());

  async function ask<T>(path: string): Promise<T> {
    const response = await fetch(`http://${prometheus.getHost()}:${prometheus.getMappedPort(9090)}/api/v1/${path}`);
    const { data } = (await response.json()) as { readonly data: T };
    return data;
  }

  const samples = async (promql: string) =>
    (await ask<{ readonly result: readonly Sample[] }>(`query?query=${encodeURIComponent(promql)}`)).result;

  const numbers = async (promql: string) => (await samples(promql)).map(({ value }) => Number(value[1]));

  const inspect = async () => {
    const { container } = await getContainerRuntimeClient();
    return container.getById(sonde.container.getId()).inspect();
  };

  it('runs as a number that is not root, and can write nowhere but in its state folder', async () => {
    const { Config, HostConfig } = await inspect();
    expect([Config.User, HostConfig.ReadonlyRootfs, HostConfig.CapDrop]).toEqual(['65532:65532', true, ['ALL']]);
    const write = (path: string) => sonde.container.exec(['node', '-e', 'fs.writeFileSync(process.argv[1], "")', path]);
    expect((await write('/tmp/file')).stderr).toContain('EROFS');
    expect((await write('/var/lib/sonde/file')).exitCode).toBe(0);
  });

  it('is scraped for a minute without a gap, and is healthy by its own word', async () => {
    await vi.waitFor(
      async () => expect(await numbers('sum_over_time(up{job="sonde"}[2m]) >= 60')).toHaveLength(1),
      patience,
    );
    expect(await numbers('min_over_time(up{job="sonde"}[1m])')).toEqual([1]);
    const { activeTargets } = await ask<{ readonly activeTargets: readonly { readonly lastError: string }[] }>(
      'targets',
    );
    expect(activeTargets.map(({ lastError }) => lastError)).toEqual(['']);
    expect((await inspect()).State.Health?.Status).toBe('healthy');
  });

  it('answers queries by what its checks met', async () => {
    expect(await numbers('probe_success{check="prometheus"}')).toEqual([1]);
    expect(await numbers('probe_success{check="refused"}')).toEqual([0]);
    expect(await samples('sonde_check_state == 0')).toMatchObject([
      { metric: { check: 'refused', cause: 'connect_refused', blame: 'target' } },
    ]);
    const [passed = 0] = await numbers('increase(sonde_runs_total{check="prometheus",outcome="passed"}[1m])');
    expect(passed).toBeGreaterThan(30);
    const [p90 = 0] = await numbers(
      'histogram_quantile(0.9, rate(sonde_latency_seconds_bucket{check="prometheus"}[1m]))',
    );
    expect(p90).toBeGreaterThan(0);
    expect(p90).toBeLessThan(5);
  });

  it('offers the OpenMetrics that Prometheus asked for, and a text with which promtool finds no fault', async () => {
    const url = `http://${sonde.container.getHost()}:${sonde.container.getMappedPort(7663)}/metrics`;
    const asPrometheus = await fetch(url, { headers: { accept } });
    expect(asPrometheus.headers.get('content-type')).toContain('application/openmetrics-text');
    expect(await asPrometheus.text()).toMatch(/\n# EOF\n$/);

    const plain = await (await fetch(url)).text();
    await prometheus.copyContentToContainer([{ target: '/tmp/metrics', content: plain }]);
    const { output } = await prometheus.exec(['sh', '-c', 'promtool check metrics < /tmp/metrics; echo exit $?']);
    expect(output).toBe('exit 0\n');
  });

  it('lets the series of a check go stale that a reload removes', async () => {
    expect(await samples('{check="refused"}')).not.toEqual([]);
    await sonde.reload({ checks: staying });
    await vi.waitFor(async () => expect(await samples('{check="refused"}')).toEqual([]), patience);
    expect(await numbers('sonde_config_last_reload_successful')).toEqual([1]);
    expect(await numbers('probe_success{check="prometheus"}')).toEqual([1]);
  });

  it('ends well at SIGTERM', async () => {
    expect(await sonde.terminate()).toBe(0);
    await vi.waitFor(async () => expect(await numbers('up{job="sonde"}')).toEqual([0]), patience);
    expect(await samples('{check="prometheus"}')).toEqual([]);
  });
});

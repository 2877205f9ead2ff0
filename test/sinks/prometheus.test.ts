import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CauseCode, causes, passed, troubled } from '../../src/model/cause.ts';
import type { CheckIdentity, Result, TokenResult } from '../../src/model/result.ts';
import { createPrometheusSink } from '../../src/sinks/prometheus.ts';
import { anyText } from '../support/any-text.ts';
import { parseExposition, seriesValue } from '../support/prometheus-text.ts';
import { sampleClock } from '../support/sample-clock.ts';
import { sampleResult } from '../support/sample-result.ts';
import { sampleSecret } from '../support/sample-secret.ts';
import { textOf } from '../support/text-of.ts';

const wallMs = Date.UTC(2026, 0, 1);
const api = sampleResult().check;
const check = api.name;

function createSink(checks: readonly CheckIdentity[] = [api]) {
  const levels = [{ name: 'default', level: 7.5 }];
  const clock = { verdict: sampleClock };
  const secrets = [sampleSecret];
  const sink = createPrometheusSink({
    version: '1.2.3',
    wallMs: () => wallMs,
    budgetLevels: () => levels,
    clockVerdict: () => clock.verdict,
    secrets: () => secrets,
  });
  sink.syncChecks(checks);
  const scrape = async () => parseExposition(textOf((await sink.render(false)).pieces));
  const seriesOf = async (name: string) => {
    const families = [...(await scrape()).values()];
    return families.flatMap(({ samples }) => samples.filter(({ labels }) => labels.check === name));
  };
  return { sink, levels, clock, secrets, scrape, seriesOf };
}

const httpsRun: Partial<Result> = {
  phases: { queue: 900, resolve: 2, connect: 10, tls: 20, request: 1, wait: 100, transfer: 5 },
  durationMs: 138,
  facts: {
    url: 'https://api.test/health',
    overTls: true,
    ipVersion: 6,
    status: 200,
    httpVersion: '1.1',
    redirects: [{ url: 'https://api.test/', status: 302 }],
    contentLength: 42,
    tls: {
      protocol: 'TLSv1.3',
      cipher: 'TLS_AES_128_GCM_SHA256',
      chain: [2_000_000_000_000, 1_900_000_000_000].map((notAfterMs) => ({
        subject: 'CN=api.test',
        issuer: 'CN=authority',
        notBeforeMs: 0,
        notAfterMs,
        fingerprint: 'AA',
      })),
    },
  },
};

const failingState: Result['state'] = {
  status: 'failing',
  cause: { code: 'connect_refused', detail: 'refused', evidence: {} },
  sinceMs: wallMs,
  consecutiveFailures: 3,
};
const refusedRun: Partial<Result> = {
  phases: { resolve: 1, connect: 2 },
  durationMs: 3,
  facts: { url: 'https://api.test/health', overTls: true },
  outcome: troubled('connect_refused', 'refused'),
  state: failingState,
};

describe('the label of the environment', () => {
  it('stands on every series once it is set, and on none once it is not', async () => {
    const { sink, scrape } = createSink();
    sink.record(sampleResult(httpsRun));
    const labels = async () => {
      const families = [...(await scrape()).values()];
      return new Set(families.flatMap(({ samples }) => samples.map(({ labels: { environment } }) => environment)));
    };
    expect(await labels()).toEqual(new Set([undefined]));
    sink.configure({ environmentLabel: 'prod' });
    expect(await labels()).toEqual(new Set(['prod']));
    sink.configure({});
    expect(await labels()).toEqual(new Set([undefined]));
  });
});

describe('probe metrics', () => {
  it('tell a whole run under the names of blackbox_exporter', async () => {
    const { sink, scrape } = createSink();
    sink.record(sampleResult(httpsRun));
    const scraped = await scrape();
    const plain = Object.fromEntries(
      [...scraped.keys()]
        .filter((name) => name.startsWith('probe_'))
        .map((name) => [name, seriesValue(scraped, name, { check })]),
    );
    expect(plain).toMatchObject({
      probe_success: 1,
      probe_duration_seconds: 0.138,
      probe_dns_lookup_time_seconds: 0.002,
      probe_ip_protocol: 6,
      probe_http_status_code: 200,
      probe_http_version: 1.1,
      probe_http_redirects: 1,
      probe_http_ssl: 1,
      probe_http_content_length: 42,
      probe_ssl_earliest_cert_expiry: 1_900_000_000,
    });
    expect(seriesValue(scraped, 'probe_tls_version_info', { check, version: 'TLS 1.3' })).toBe(1);
    const phases = scraped
      .get('probe_http_duration_seconds')
      ?.samples.map(({ labels, value }) => [labels.phase, value]);
    expect(phases).toEqual([
      ['resolve', 0.002],
      ['connect', 0.01],
      ['tls', 0.02],
      ['processing', 0.101],
      ['transfer', 0.005],
    ]);
  });

  it('say -1 for a length that the answer did not tell, and 0 for plain http', async () => {
    const { sink, scrape } = createSink();
    sink.record(sampleResult({ facts: { url: 'http://api.test/', overTls: false, status: 200 } }));
    const scraped = await scrape();
    expect(seriesValue(scraped, 'probe_http_content_length', { check })).toBe(-1);
    expect(seriesValue(scraped, 'probe_http_ssl', { check })).toBe(0);
    expect(seriesValue(scraped, 'probe_http_redirects', { check })).toBe(0);
  });

  it('leave out what belongs to http when the run was none', async () => {
    const { sink, scrape } = createSink();
    sink.record(sampleResult({ facts: { ipVersion: 4, tls: { protocol: 'TLSv1', cipher: 'X', chain: [] } } }));
    const scraped = await scrape();
    expect(seriesValue(scraped, 'probe_dns_lookup_time_seconds', { check })).toBe(0.00044);
    expect(seriesValue(scraped, 'probe_tls_version_info', { check, version: 'TLS 1.0' })).toBe(1);
    const named = [...scraped.values()].filter(({ samples }) => samples.length > 0).map(({ name }) => name);
    expect(named.filter((name) => name.startsWith('probe_http'))).toEqual([]);
    expect(named).not.toContain('probe_ssl_earliest_cert_expiry');
  });

  it('withdraw what the last run did not learn', async () => {
    const { sink, scrape } = createSink();
    sink.record(sampleResult(httpsRun));
    sink.record(sampleResult(refusedRun));
    const scraped = await scrape();
    const shown = [...scraped.values()].filter(({ name, samples }) => name.startsWith('probe_') && samples.length > 0);
    expect(shown.map(({ name }) => name)).toEqual([
      'probe_success',
      'probe_duration_seconds',
      'probe_dns_lookup_time_seconds',
      'probe_http_duration_seconds',
    ]);
    expect(seriesValue(scraped, 'probe_success', { check })).toBe(0);
    expect(scraped.get('probe_http_duration_seconds')?.samples.map(({ labels }) => labels.phase)).toEqual([
      'resolve',
      'connect',
    ]);
  });

  it.each(['rate_limited_by_self', 'token_absent', 'shutdown', 'maintenance'] as const)(
    'are withdrawn by a run skipped for %s: no stale green',
    async (code) => {
      const { sink, seriesOf } = createSink();
      sink.record(sampleResult(httpsRun));
      sink.record(sampleResult({ outcome: troubled(code, 'skipped'), facts: {}, phases: {} }));
      expect((await seriesOf(check)).filter(({ name }) => name.startsWith('probe_'))).toEqual([]);
    },
  );

  it('stay over an overrun, since the run before still goes on', async () => {
    const { sink, scrape } = createSink();
    sink.record(sampleResult(httpsRun));
    sink.record(sampleResult({ outcome: troubled('overrun', 'still going'), facts: {}, phases: {} }));
    expect(seriesValue(await scrape(), 'probe_success', { check })).toBe(1);
  });
});

describe('the state of a check', () => {
  it('does not go on as passing while nobody asks, and a failing one keeps its cause', async () => {
    const { sink, scrape } = createSink();
    const causes = async () => (await scrape()).get('sonde_check_state')?.samples.map(({ labels }) => labels.cause);
    const skipped = (code: 'token_absent' | 'overrun', state = sampleResult().state) =>
      sink.record(sampleResult({ outcome: troubled(code, 'skipped'), state, facts: {}, phases: {} }));
    sink.record(sampleResult());
    skipped('overrun');
    expect(await causes()).toEqual(['']);
    skipped('token_absent');
    expect(await causes()).toEqual(['token_absent']);
    skipped('overrun');
    expect(await causes()).toEqual(['token_absent']);
    sink.record(sampleResult(refusedRun));
    skipped('token_absent', refusedRun.state);
    expect(await causes()).toEqual(['connect_refused']);
  });

  it('is one series: 1 passing, 0 failing with cause and blame, none before it is known', async () => {
    const { sink, scrape } = createSink();
    const states = async () =>
      (await scrape()).get('sonde_check_state')?.samples.map(({ labels, value }) => ({ ...labels, value }));
    expect(await states()).toEqual([]);
    sink.record(sampleResult());
    expect(await states()).toEqual([{ check, cause: '', blame: '', value: 1 }]);
    sink.record(sampleResult(refusedRun));
    expect(await states()).toEqual([{ check, cause: 'connect_refused', blame: 'target', value: 0 }]);
    expect(seriesValue(await scrape(), 'sonde_consecutive_failures', { check })).toBe(3);
    sink.record(sampleResult({ state: { status: 'unknown', sinceMs: wallMs, consecutiveFailures: 1 } }));
    expect(await states()).toEqual([]);
  });

  it('comes with what the check is, its interval and its last run that asked', async () => {
    const { sink, scrape } = createSink();
    sink.record(sampleResult());
    sink.record(sampleResult({ outcome: troubled('token_absent', 'none'), startedAtMs: wallMs + 30_000 }));
    const scraped = await scrape();
    expect(seriesValue(scraped, 'sonde_check_info', { check, kind: 'http', target: api.target })).toBe(1);
    expect(seriesValue(scraped, 'sonde_check_interval_seconds', { check })).toBe(30);
    expect(seriesValue(scraped, 'sonde_last_run_timestamp_seconds', { check })).toBe(wallMs / 1000);
  });
});

describe('counters of runs', () => {
  it('start at 0 for every outcome', async () => {
    const scraped = await createSink().scrape();
    for (const outcome of ['passed', 'failed', 'errored', 'skipped'])
      expect(seriesValue(scraped, 'sonde_runs_total', { check, outcome })).toBe(0);
    expect(seriesValue(scraped, 'sonde_latency_seconds', { check }, 'sonde_latency_seconds_count')).toBe(0);
  });

  it('count runs by outcome, failures and skips by cause', async () => {
    const { sink, scrape } = createSink();
    sink.record(sampleResult());
    sink.record(sampleResult(refusedRun));
    sink.record(sampleResult(refusedRun));
    sink.record(sampleResult({ outcome: troubled('overrun', 'still going') }));
    const scraped = await scrape();
    expect(seriesValue(scraped, 'sonde_runs_total', { check, outcome: 'passed' })).toBe(1);
    expect(seriesValue(scraped, 'sonde_runs_total', { check, outcome: 'errored' })).toBe(2);
    expect(seriesValue(scraped, 'sonde_runs_total', { check, outcome: 'skipped' })).toBe(1);
    expect(seriesValue(scraped, 'sonde_failures_total', { check, cause: 'connect_refused', blame: 'target' })).toBe(2);
    expect(scraped.get('sonde_failures_total')?.samples).toHaveLength(1);
    expect(seriesValue(scraped, 'sonde_skips_total', { check, cause: 'overrun' })).toBe(1);
  });

  it('take latency from runs that got an answer, and lateness from runs that asked', async () => {
    const { sink, scrape } = createSink();
    sink.record(sampleResult({ durationMs: 300 }));
    sink.record(sampleResult({ durationMs: 700, outcome: troubled('upstream_5xx', '503') }));
    sink.record(sampleResult({ durationMs: 5000, outcome: troubled('timeout', 'wait') }));
    sink.record(sampleResult({ durationMs: 0, outcome: troubled('overrun', 'still going') }));
    const scraped = await scrape();
    const latency = (labels: Record<string, string>, suffix: string) =>
      seriesValue(scraped, 'sonde_latency_seconds', { check, ...labels }, `sonde_latency_seconds_${suffix}`);
    expect(latency({}, 'count')).toBe(2);
    expect(latency({}, 'sum')).toBe(1);
    expect(latency({ le: '0.5' }, 'bucket')).toBe(1);
    expect(latency({ le: '1.0' }, 'bucket')).toBe(2);
    expect(latency({ le: '+Inf' }, 'bucket')).toBe(2);
    expect(seriesValue(scraped, 'sonde_schedule_lateness_seconds', {}, 'sonde_schedule_lateness_seconds_count')).toBe(
      3,
    );
  });
});

describe('a latency that is uncertain', () => {
  it('is counted, and stays out of the histogram', async () => {
    const { sink, scrape } = createSink();
    sink.record(sampleResult({ durationMs: 300, uncertaintyMs: 150, isUncertain: true }));
    sink.record(sampleResult({ ...refusedRun, isUncertain: true }));
    const scraped = await scrape();
    expect(seriesValue(scraped, 'sonde_uncertain_latencies_total', { check })).toBe(1);
    expect(seriesValue(scraped, 'sonde_latency_seconds', { check }, 'sonde_latency_seconds_count')).toBe(0);
  });

  it('shows how uncertain the last run is, until one is skipped', async () => {
    const { sink, scrape } = createSink();
    const shown = async () => seriesValue(await scrape(), 'sonde_measurement_uncertainty_seconds', { check });
    sink.record(sampleResult({ uncertaintyMs: 150 }));
    expect(await shown()).toBe(0.15);
    sink.record(sampleResult({ outcome: troubled('token_absent', 'none yet') }));
    expect(await shown()).toBeUndefined();
  });
});

describe('a reload', () => {
  it('leaves no series of a check that is gone, and drops its late results', async () => {
    const { sink, seriesOf } = createSink();
    sink.record(sampleResult(httpsRun));
    sink.record(sampleResult(refusedRun));
    sink.record(sampleResult({ outcome: troubled('token_absent', 'none') }));
    sink.record(sampleResult(httpsRun));
    expect((await seriesOf(check)).length).toBeGreaterThan(30);
    sink.syncChecks([]);
    sink.record(sampleResult(httpsRun));
    expect(await seriesOf(check)).toEqual([]);
  });

  it('keeps all of a check that stays, and takes a new interval over', async () => {
    const { sink, seriesOf, scrape } = createSink();
    sink.record(sampleResult(refusedRun));
    const before = await seriesOf(check);
    const labels = { team: '' };
    sink.syncChecks([
      { ...api, labels, intervalMs: 5_000 },
      { ...api, name: 'other', labels: { team: 'new' } },
    ]);
    const after = await seriesOf(check);
    const withoutInterval = (samples: typeof before) =>
      samples.filter(({ name }) => name !== 'sonde_check_interval_seconds');
    expect(withoutInterval(after)).toEqual(withoutInterval(before));
    expect(seriesValue(await scrape(), 'sonde_check_interval_seconds', { check })).toBe(5);
  });

  it.each([
    ['kind', { kind: 'tcp' }],
    ['target', { target: 'https://new.test/' }],
    ['labels', { labels: { team: 'new' } }],
  ])('begins a check anew when its %s changes, and drops results of the old one', async (_, change) => {
    const { sink, seriesOf } = createSink();
    sink.record(sampleResult(httpsRun));
    const changed = { ...api, ...change };
    sink.syncChecks([changed]);
    sink.record(sampleResult(httpsRun));
    const series = await seriesOf(check);
    expect(series.filter(({ name }) => name.startsWith('probe_'))).toEqual([]);
    expect(series.filter(({ name }) => name === 'sonde_runs_total').map(({ value }) => value)).toEqual([0, 0, 0, 0]);
    sink.record(sampleResult({ ...httpsRun, check: changed }));
    expect((await seriesOf(check)).filter(({ name }) => name === 'probe_success')).toHaveLength(1);
  });

  it('shows whether it succeeded, and since when the configuration runs', async () => {
    const { sink, scrape } = createSink();
    const shown = async () => {
      const scraped = await scrape();
      return [
        seriesValue(scraped, 'sonde_config_last_reload_successful'),
        seriesValue(scraped, 'sonde_config_last_reload_success_timestamp_seconds'),
      ];
    };
    expect(await shown()).toEqual([1, wallMs / 1000]);
    sink.reloaded(false);
    expect(await shown()).toEqual([0, wallMs / 1000]);
    sink.reloaded(true);
    expect(await shown()).toEqual([1, wallMs / 1000]);
  });
});

describe('labels of checks', () => {
  it('stand on every series of their check, and on no other', async () => {
    const labelled = { ...api, name: 'labelled', labels: { team: 'platform', empty: '' } };
    const { sink, scrape, seriesOf } = createSink([api, labelled]);
    sink.record(sampleResult(httpsRun));
    sink.record(sampleResult({ ...httpsRun, check: labelled }));
    for (const { labels } of await seriesOf('labelled'))
      expect(labels).toMatchObject({ check: 'labelled', team: 'platform' });
    const others = [...(await scrape()).values()]
      .flatMap(({ samples }) => samples)
      .filter(({ labels }) => labels.check !== 'labelled');
    for (const { labels } of others) expect(labels).not.toHaveProperty('team');
  });

  it('come back from either format as they were, whatever is in them', async () => {
    const hostile = fc.oneof(
      anyText().filter((text) => text !== ''),
      fc.constantFrom('"', '\\', '\n', '\\n', '"}\nup 1\n', 'ünïcödé ☃', '{a="b"}'),
    );
    const { sink } = createSink();
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (target, team) => {
        sink.syncChecks([{ ...api, target, labels: { team } }]);
        for (const format of ['text', 'openmetrics'] as const) {
          const { pieces } = await sink.render(format === 'openmetrics');
          const scraped = parseExposition(textOf(pieces), format);
          expect(seriesValue(scraped, 'sonde_check_info', { check, kind: 'http', target, team })).toBe(1);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('budgets', () => {
  it('show waits, permits from 0 on, and what could be had now', async () => {
    const { sink, levels, scrape } = createSink();
    sink.syncBudgets(['default']);
    const labels = { budget: 'default' };
    expect(seriesValue(await scrape(), 'sonde_budget_permits_total', labels)).toBe(0);
    sink.granted('default', 2_000);
    sink.syncBudgets(['default']);
    levels[0] = { name: 'default', level: 3 };
    const scraped = await scrape();
    expect(seriesValue(scraped, 'sonde_budget_permits_total', labels)).toBe(1);
    expect(seriesValue(scraped, 'sonde_budget_wait_seconds', labels, 'sonde_budget_wait_seconds_sum')).toBe(2);
    expect(seriesValue(scraped, 'sonde_budget_tokens', labels)).toBe(3);
  });

  it('are gone after a reload without them, also when one still serves who waits', async () => {
    const { sink, scrape } = createSink();
    sink.syncBudgets(['default']);
    sink.granted('default', 1);
    await scrape();
    sink.syncBudgets([]);
    sink.granted('default', 1);
    const scraped = [...(await scrape()).values()].flatMap(({ samples }) => samples);
    expect(scraped.filter(({ labels }) => 'budget' in labels)).toEqual([]);
  });
});

describe('tokens', () => {
  const fresh: TokenResult = {
    token: 'claude',
    runId: 'f'.repeat(32),
    startedAtMs: wallMs,
    phases: {},
    durationMs: 80,
    outcome: passed,
    expiresAtMs: wallMs + 3_600_000,
  };
  const { expiresAtMs: _, ...gone } = { ...fresh, outcome: troubled('invalid_grant', 'refused') };

  it('show expiry, refreshes by outcome and cause, and the last duration', async () => {
    const { sink, scrape } = createSink();
    sink.syncTokens(['claude']);
    const token = 'claude';
    const refreshes = async (outcome: string, cause: string) =>
      seriesValue(await scrape(), 'sonde_token_refreshes_total', { token, outcome, cause });
    expect(await refreshes('passed', '')).toBe(0);
    sink.recordToken(fresh);
    sink.syncTokens(['claude']);
    expect(await refreshes('passed', '')).toBe(1);
    expect(seriesValue(await scrape(), 'sonde_token_expiry_timestamp_seconds', { token })).toBe(wallMs / 1000 + 3_600);
    expect(seriesValue(await scrape(), 'sonde_token_refresh_duration_seconds', { token })).toBe(0.08);
    sink.recordToken(gone);
    expect(await refreshes('failed', 'invalid_grant')).toBe(1);
    expect(seriesValue(await scrape(), 'sonde_token_expiry_timestamp_seconds', { token })).toBeUndefined();
  });

  it('are gone after a reload without them, and late results are dropped', async () => {
    const { sink, scrape } = createSink();
    sink.syncTokens(['claude']);
    sink.recordToken(fresh);
    sink.recordToken(gone);
    sink.syncTokens([]);
    sink.recordToken(fresh);
    const scraped = [...(await scrape()).values()].flatMap(({ samples }) => samples);
    expect(scraped.filter(({ labels }) => 'token' in labels)).toEqual([]);
  });
});

describe('an exposition', () => {
  it('tells the same in both formats, and names the build', async () => {
    const { sink } = createSink();
    sink.record(sampleResult(httpsRun));
    const text = await sink.render(false);
    const openMetrics = await sink.render(true);
    expect(text.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(openMetrics.contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    const samples = (families: ReturnType<typeof parseExposition>) =>
      [...families.values()].flatMap((family) => family.samples).filter(({ name }) => /^(probe|sonde)_/.test(name));
    const scraped = parseExposition(textOf(text.pieces));
    expect(samples(parseExposition(textOf(openMetrics.pieces), 'openmetrics'))).toEqual(samples(scraped));
    expect(seriesValue(scraped, 'sonde_build_info', { version: '1.2.3', node_version: process.versions.node })).toBe(1);
  });

  it('stays whole when a reload comes while it is written, and holds no series twice', async () => {
    const many = Array.from({ length: 400 }, (_, index) => ({ ...api, name: `check-${index}`, labels: { team: 'a' } }));
    const { sink } = createSink(many);
    const text: string[] = [];
    for (const piece of (await sink.render(false)).pieces) {
      text.push(piece);
      const at = text.length % 900;
      if (at === 300) sink.syncChecks([]);
      if (at === 600)
        sink.syncChecks([...many.slice(200), ...many.slice(0, 200)].map((each) => ({ ...each, kind: 'tcp' })));
    }
    const runs = parseExposition(text.join('')).get('sonde_runs_total')?.samples ?? [];
    expect(runs).toHaveLength(1_600);
    expect(runs.every(({ labels }) => labels.team === 'a')).toBe(true);
  });

  it('has histograms that fit together each, while runs go on being recorded', async () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ ...api, name: `check-${index}` }));
    const { sink } = createSink(many);
    const text: string[] = [];
    for (const piece of (await sink.render(false)).pieces) {
      text.push(piece);
      for (const each of many) sink.record(sampleResult({ check: each, durationMs: 300 }));
    }
    const samples = parseExposition(text.join('')).get('sonde_latency_seconds')?.samples ?? [];
    for (const { name } of many) {
      const own = samples.filter(({ labels }) => labels.check === name);
      const shownAt = (suffix: string, le?: string) =>
        own.find((sample) => sample.name.endsWith(suffix) && sample.labels.le === le)?.value ?? Number.NaN;
      expect(shownAt('_count')).toBeGreaterThan(0);
      expect(shownAt('_bucket', '+Inf')).toBe(shownAt('_count'));
      expect(shownAt('_bucket', '0.5')).toBe(shownAt('_count'));
      expect(shownAt('_sum')).toBeCloseTo(0.3 * shownAt('_count'));
    }
  });
});

describe('the series of one check', () => {
  /** One after the other: a run that passed, and all the ways in which one can fail or be skipped, over and over. */
  async function seriesAfterEverything(run: Partial<Result>) {
    const { sink, seriesOf } = createSink();
    for (const code of Object.keys(causes) as CauseCode[]) {
      sink.record(sampleResult({ ...run, outcome: troubled(code, 'all that can happen'), state: failingState }));
      sink.record(sampleResult(run));
    }
    return seriesOf(check);
  }
  const ntp = { skewMs: 1, uncertaintyMs: 2, delayMs: 3, rootDistanceMs: 4, stratum: 2, leap: 0 };

  it.each([
    ['https, with redirects', httpsRun],
    ['ntp', { phases: { resolve: 1, wait: 2 }, facts: { ipVersion: 4, ntp } } as const],
    ['all facts at once', { ...httpsRun, facts: { ...httpsRun.facts, ntp } }],
  ])('are at most 60, whatever it has met: %s', async (_, run) => {
    const series = await seriesAfterEverything(run);
    expect(series.length).toBeLessThanOrEqual(60);
    expect(series.length).toBeGreaterThan(30);
  });

  it('hold the ten causes that were met last, with all that was counted of them', async () => {
    const { sink, scrape } = createSink();
    const fail = (code: CauseCode) => sink.record(sampleResult({ outcome: troubled(code, 'x') }));
    const failures = (Object.keys(causes) as CauseCode[]).filter((code) => causes[code].outcome !== 'skipped');
    const [first = 'timeout', ...others] = failures.slice(0, 11);
    const shown = async () => (await scrape()).get('sonde_failures_total')?.samples.map(({ labels }) => labels.cause);
    fail(first);
    for (const code of others) fail(code);
    expect(await shown()).toEqual(others);
    fail(first);
    expect(await shown()).toEqual([...others.slice(1), first]);
    const { blame } = causes[first];
    expect(seriesValue(await scrape(), 'sonde_failures_total', { check, cause: first, blame })).toBe(2);
  });
});

describe('the buckets of latency', () => {
  it('are those that are set; others than before begin anew, and the same go on', async () => {
    const { sink, scrape } = createSink();
    const shown = async () => {
      const samples = (await scrape()).get('sonde_latency_seconds')?.samples ?? [];
      return samples.map(({ labels, value }) => (labels.le === undefined ? value : `${labels.le}: ${value}`));
    };
    sink.configure({ latencyBucketsSeconds: [0.2, 1] });
    sink.record(sampleResult({ durationMs: 200 }));
    sink.record(sampleResult({ durationMs: 201 }));
    sink.record(sampleResult({ durationMs: 1_001 }));
    const before = ['0.2: 1', '1.0: 2', '+Inf: 3', expect.closeTo(1.402), 3];
    expect(await shown()).toEqual(before);
    sink.configure({ latencyBucketsSeconds: [0.2, 1] });
    expect(await shown()).toEqual(before);
    sink.configure({ latencyBucketsSeconds: [0.2, 2] });
    expect(await shown()).toEqual(['0.2: 0', '2.0: 0', '+Inf: 0', 0, 0]);
  });
});

describe('metrics of the clock', () => {
  it('show the verdict, each source with a reading, and how the sources stand', async () => {
    const scraped = await createSink().scrape();
    expect(seriesValue(scraped, 'sonde_clock_skew_seconds')).toBeCloseTo(400.0123);
    expect(seriesValue(scraped, 'sonde_clock_uncertainty_seconds')).toBe(0.008);
    expect(seriesValue(scraped, 'sonde_clock_tolerance_seconds')).toBe(1);
    const offsets = scraped
      .get('sonde_clock_offset_seconds')
      ?.samples.map(({ labels, value }) => [labels.source, value]);
    expect(offsets).toEqual([
      ['ntp1.example.net', 400.012],
      ['ntp2.example.net', 400.013],
      ['ntp3.example.net', -599.988],
      ['https://api.example.com', 399.6],
    ]);
    const counts = scraped.get('sonde_clock_sources')?.samples.map(({ labels, value }) => [labels.state, value]);
    expect(Object.fromEntries(counts ?? [])).toEqual({
      used: 3,
      outvoted: 1,
      undecided: 0,
      silent: 1,
      refused: 0,
      waiting: 0,
    });
  });

  it('withdraw what is unknown, and the series of a source that is gone', async () => {
    const { clock, scrape } = createSink();
    await scrape();
    clock.verdict = { state: 'unknown', toleranceMs: 250, reason: '', sources: sampleClock.sources.slice(3, 4) };
    const scraped = await scrape();
    for (const name of ['skew_seconds', 'uncertainty_seconds', 'offset_seconds'])
      expect(scraped.get(`sonde_clock_${name}`)?.samples).toEqual([]);
    expect(seriesValue(scraped, 'sonde_clock_tolerance_seconds')).toBe(0.25);
    expect(seriesValue(scraped, 'sonde_clock_sources', { state: 'silent' })).toBe(1);
  });
});

describe('secrets', () => {
  it('are shown as they stand at the scrape, and nothing of those before', async () => {
    const { secrets, scrape } = createSink();
    const { reference } = sampleSecret;
    const valuesOf = async (name: string) =>
      (await scrape()).get(name)?.samples.map(({ labels, value }) => [labels, value]);
    expect(await valuesOf('sonde_secret_available')).toEqual([[{ reference }, 0]]);
    expect(await valuesOf('sonde_secret_failures_total')).toEqual([[{ reference, reason: 'sealed' }, 3]]);
    const { cause: _, ...well } = sampleSecret;
    secrets.splice(0, 1, { ...well, state: 'current' });
    expect(await valuesOf('sonde_secret_available')).toEqual([[{ reference }, 1]]);
    secrets.pop();
    expect(await valuesOf('sonde_secret_available')).toEqual([]);
    expect(await valuesOf('sonde_secret_failures_total')).toEqual([]);
  });
});

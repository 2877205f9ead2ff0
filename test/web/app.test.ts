import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { troubled } from '../../src/model/cause.ts';
import { Secret } from '../../src/model/secret.ts';
import { createSystem } from '../../src/system/system.ts';
import { createWebApp } from '../../src/web/app.ts';
import { startControlSocket, startWeb } from '../../src/web/listen.ts';
import { parseExposition, seriesValue } from '../support/prometheus-text.ts';
import { sampleResult } from '../support/sample-result.ts';
import { sampleSecret } from '../support/sample-secret.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ask } from './ask.ts';
import { sampleTokenRun, sampleViews } from './sample-views.ts';

const system = createSystem();

async function serve(host: string, sample = sampleViews()) {
  const listener = await startWeb({ system, host, port: 0, app: createWebApp(sample.views) });
  onTestFinished(() => listener.close());
  const { port } = listener.address;
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    ask({ host: '127.0.0.1', port, path, method, headers: { host: `127.0.0.1:${port}`, ...headers } });
  return { ...sample, get };
}

async function serveSocket(sample = sampleViews()) {
  const socketPath = join(await temporaryFolder(), 'sonde.sock');
  const listener = await startControlSocket({ system, path: socketPath, app: createWebApp(sample.views) });
  onTestFinished(() => listener.close());
  return { ...sample, get: (path: string, method = 'GET') => ask({ socketPath, path, method }) };
}

describe('/metrics', () => {
  it('speaks the text format to a browser and OpenMetrics to Prometheus', async () => {
    const { get, metrics } = await serve('127.0.0.1');
    metrics.record(sampleResult());
    const text = await get('/metrics', { accept: 'text/html,*/*;q=0.8' });
    expect(text.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(seriesValue(parseExposition(text.text), 'probe_success', { check: 'api' })).toBe(1);
    const accept =
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
    const open = await get('/metrics', { accept });
    expect(open.headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(seriesValue(parseExposition(open.text, 'openmetrics'), 'probe_success', { check: 'api' })).toBe(1);
  });

  it.each([
    ['application/openmetrics-text;q=0.3,text/plain;q=0.9'],
    ['application/openmetrics-text;q=0'],
    ['text/plain'],
  ])('keeps to the text format when asked by Accept: %s', async (accept) => {
    const { get } = await serve('127.0.0.1');
    expect((await get('/metrics', { accept })).headers['content-type']).toContain('version=0.0.4');
  });

  it('is compressed for those who offer gzip, and for nobody else', async () => {
    const { get } = await serve('127.0.0.1');
    const compressed = await get('/metrics', { 'accept-encoding': 'br, gzip;q=0.5' });
    expect(compressed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(compressed.bytes).toString()).toContain('sonde_build_info');
    for (const offer of ['gzip;q=0', 'identity']) {
      const plain = await get('/metrics', { 'accept-encoding': offer });
      expect(plain.headers['content-encoding']).toBeUndefined();
      expect(plain.text).toContain('sonde_build_info');
    }
    expect((await get('/-/healthy', { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBeUndefined();
  });
});

describe('health', () => {
  it('is bad when the probing loop has hung for five seconds', async () => {
    const { get, daemon } = await serve('127.0.0.1');
    daemon.heartbeatAgeMs = 4_999;
    expect(await get('/-/healthy')).toMatchObject({ status: 200, text: 'healthy\n' });
    daemon.heartbeatAgeMs = 61_000;
    expect(await get('/-/healthy')).toMatchObject({ status: 503, text: 'The probing loop has hung for 61 s.\n' });
  });

  it('and readiness are apart', async () => {
    const { get, daemon } = await serve('127.0.0.1');
    expect((await get('/-/ready')).status).toBe(200);
    daemon.ready = false;
    expect((await get('/-/ready')).status).toBe(503);
    expect((await get('/-/healthy')).status).toBe(200);
  });
});

describe('a reload over HTTP', () => {
  it('is off unless allowed', async () => {
    const { get, daemon } = await serve('127.0.0.1');
    const refused = await get('/-/reload', {}, 'POST');
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('allow_reload: true');
    expect(daemon.reloads).toBe(0);
  });

  it('reloads, and tells every problem of a configuration that is wrong', async () => {
    const { get, daemon } = await serve('127.0.0.1');
    daemon.reloadAllowed = true;
    expect(await get('/-/reload', {}, 'POST')).toMatchObject({ status: 200, text: 'reloaded\n' });
    daemon.reloadStatus = { successful: false, atMs: 0, problems: ['a.yaml:1:2: first', 'a.yaml:3:4: second'] };
    const wrong = await get('/-/reload', {}, 'POST');
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('a.yaml:1:2: first\na.yaml:3:4: second\n');
    expect(daemon.reloads).toBe(2);
  });

  it('is for POST only, and never for a web page of another site', async () => {
    const { get, daemon } = await serve('127.0.0.1');
    daemon.reloadAllowed = true;
    const got = await get('/-/reload');
    expect([got.status, got.headers.allow]).toEqual([405, 'POST']);
    expect((await get('/-/reload', { origin: 'https://evil.example' }, 'POST')).status).toBe(403);
    expect(daemon.reloads).toBe(0);
  });
});

describe('the API', () => {
  const failing = troubled('upstream_5xx', 'the target answered 503', { status: 503 });

  it('tells each check with its state, its cause and its last run', async () => {
    const { check } = sampleResult();
    const cause = failing.kind === 'passed' ? undefined : failing.cause;
    const state = { status: 'failing', sinceMs: 0, consecutiveFailures: 2, ...(cause && { cause }) } as const;
    const { get, history } = await serve('127.0.0.1', sampleViews([{ check, state }]));
    history.record(sampleResult({ outcome: failing, state }));
    const reply = await get('/api/v1/checks');
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    const causeJson = {
      code: 'upstream_5xx',
      blame: 'target',
      sentence: 'The target answered with a server error.',
      detail: 'the target answered 503',
      action: expect.stringContaining('status page'),
      evidence: { status: 503 },
    };
    expect(JSON.parse(reply.text)).toEqual({
      checks: [
        {
          name: 'api',
          kind: 'http',
          target: 'https://api.test/health',
          labels: {},
          interval_ms: 30_000,
          state: 'failing',
          since: '1970-01-01T00:00:00.000Z',
          consecutive_failures: 2,
          cause: causeJson,
          last_run: {
            id: '0123456789abcdef0123456789abcdef',
            started_at: '2026-01-01T00:00:00.000Z',
            outcome: 'failed',
            cause: causeJson,
            duration_ms: 252.3,
            phases_ms: { resolve: 0.44, connect: 1.26, wait: 250.6 },
          },
        },
      ],
    });
  });

  it('has no last run of a check that had none, and no cause of one that passes', async () => {
    const { get } = await serve('127.0.0.1');
    const [check] = JSON.parse((await get('/api/v1/checks')).text).checks;
    expect(check).not.toHaveProperty('last_run');
    expect(check).not.toHaveProperty('cause');
  });

  it('tells a run by its id, with facts and assertions', async () => {
    const { get, history } = await serve('127.0.0.1');
    const certificate = { subject: 'CN=a', issuer: 'CN=b', notBeforeMs: 0, notAfterMs: Number.NaN, fingerprint: 'AA' };
    history.record(
      sampleResult({
        facts: {
          status: 200,
          ipVersion: 4,
          headers: { server: 'nginx' },
          tls: { protocol: 'TLSv1.3', cipher: 'X', chain: [certificate] },
        },
        verdicts: [{ assertion: 'status', holds: true, expected: 'status 200', got: '200' }],
      }),
    );
    const run = JSON.parse((await get('/api/v1/runs/0123456789abcdef0123456789abcdef?pretty')).text);
    expect(run).toMatchObject({
      check: 'api',
      outcome: 'passed',
      lateness_ms: 0.5,
      uncertainty_ms: 0.2,
      latency_uncertain: false,
      facts: {
        status: 200,
        ip_version: 4,
        headers: { server: 'nginx' },
        tls: { protocol: 'TLSv1.3', chain: [{ subject: 'CN=a', not_before: '1970-01-01T00:00:00.000Z' }] },
      },
      assertions: [{ assertion: 'status', holds: true }],
    });
    expect(run.facts.tls.chain[0]).not.toHaveProperty('not_after');
  });

  it('tells tokens and their runs, and never a token', async () => {
    const { get, history, daemon } = await serve('127.0.0.1');
    daemon.loans.set('claude', { sendTo: [], token: { value: new Secret('hunter2'), generation: 1 } });
    const tokens = async () => JSON.parse((await get('/api/v1/tokens')).text).tokens;
    expect(await tokens()).toEqual([{ name: 'claude', state: 'unknown' }]);
    history.recordToken(sampleTokenRun);
    expect(await tokens()).toMatchObject([
      { name: 'claude', state: 'live', expires_at: '2026-01-01T03:50:00.000Z', last_run: { outcome: 'passed' } },
    ]);
    expect(JSON.parse((await get(`/api/v1/runs/${sampleTokenRun.runId}`)).text)).toMatchObject({
      token: 'claude',
      duration_ms: 62,
    });
    expect((await get('/control/tokens/claude')).status).toBe(404);
  });

  it('tells how the clock stands, and each source', async () => {
    const { get, daemon } = await serve('127.0.0.1');
    const clock = async () => JSON.parse((await get('/api/v1/clock')).text);
    const { sources, ...verdict } = await clock();
    expect(verdict).toEqual({
      state: 'ahead',
      skew_ms: 400_012.3,
      uncertainty_ms: 8,
      tolerance_ms: 1_000,
      reason: '2 of 4 time servers agree',
    });
    expect(sources).toHaveLength(5);
    expect(sources[2]).toEqual({
      source: 'ntp3.example.net',
      kind: 'ntp',
      state: 'outvoted',
      skew_ms: -599_988,
      uncertainty_ms: 9,
      age_ms: 90_000,
      stratum: 3,
      problem: 'its own clock is 1000.0 s ahead',
    });
    daemon.clock = { state: 'unknown', toleranceMs: 1_000, reason: 'nobody answers', sources: [] };
    expect(await clock()).toEqual({ state: 'unknown', tolerance_ms: 1_000, reason: 'nobody answers', sources: [] });
  });

  it('tells how secrets stand, and no value', async () => {
    const { get, daemon } = await serve('127.0.0.1');
    daemon.secrets = [sampleSecret];
    expect(JSON.parse((await get('/api/v1/secrets')).text)).toEqual({
      secrets: [
        {
          reference: sampleSecret.reference,
          users: ['tokens.claude'],
          state: 'stale',
          read_at: '2026-01-01T00:00:00.000Z',
          failures: { sealed: 3 },
          cause: expect.objectContaining({ code: 'secret_unavailable', evidence: sampleSecret.cause?.evidence }),
        },
      ],
    });
  });

  it('says that a run is not kept', async () => {
    const { get } = await serve('127.0.0.1');
    const reply = await get('/api/v1/runs/__proto__');
    expect(reply.status).toBe(404);
    expect(JSON.parse(reply.text).error).toContain('No run of that id');
  });
});

describe('every answer', () => {
  it('carries the headers that keep a browser safe', async () => {
    const { get } = await serve('127.0.0.1');
    for (const path of ['/', '/metrics', '/api/v1/checks', '/nothing', '/-/reload']) {
      const { headers } = await get(path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
    }
  });

  it('has no body for HEAD, and the length that GET would have', async () => {
    const { get } = await serve('127.0.0.1');
    const [head, got] = [await get('/-/ready', {}, 'HEAD'), await get('/-/ready')];
    expect(head.bytes).toHaveLength(0);
    expect(head.headers['content-length']).toBe(got.headers['content-length']);
  });

  it('to a wrong method names the right ones, and to a wrong address is short', async () => {
    const { get } = await serve('127.0.0.1');
    const deleted = await get('/metrics', {}, 'DELETE');
    expect([deleted.status, deleted.headers.allow]).toEqual([405, 'GET, HEAD']);
    for (const path of ['/nothing', '/metrics/', '/api/v1/checks/x', '//', '/%2e%2e/etc/passwd'])
      expect(await get(path)).toMatchObject({ status: 404, text: 'There is nothing at this address.\n' });
  });

  it('to a request that meets a bug says so, and tells the daemon', async () => {
    const sample = sampleViews();
    const bug = new Error('bug');
    const { get } = await serve('127.0.0.1', {
      ...sample,
      views: { ...sample.views, metrics: () => Promise.reject(bug) },
    });
    expect((await get('/metrics')).status).toBe(500);
    expect(sample.daemon.errors).toEqual([bug]);
  });
});

describe('on loopback, pages and API', () => {
  it('are served under localhost and IP addresses', async () => {
    const { get } = await serve('127.0.0.1');
    for (const host of ['localhost:1', 'sonde.localhost', '127.0.0.1', '[::1]:7663', '10.0.0.1:80'])
      expect((await get('/', { host })).status, host).toBe(200);
  });

  it('are not served under another name: it may be rebound to this address', async () => {
    const { get } = await serve('127.0.0.1');
    for (const path of ['/', '/api/v1/checks', '/api/v1/tokens', '/api/v1/runs/x'])
      expect((await get(path, { host: 'evil.example' })).status).toBe(421);
  });

  it('leave metrics and health to any name, since a scraper may use one', async () => {
    const { get } = await serve('127.0.0.1');
    for (const path of ['/metrics', '/-/healthy', '/-/ready'])
      expect((await get(path, { host: 'pod.namespace.svc:7663' })).status).toBe(200);
  });
});

describe('beyond loopback', () => {
  it('only metrics and health are served', async () => {
    const { get } = await serve('0.0.0.0');
    for (const path of ['/metrics', '/-/healthy', '/-/ready']) expect((await get(path)).status).toBe(200);
    for (const path of ['/', '/api/v1/checks', '/api/v1/tokens', '/api/v1/runs/x']) {
      const reply = await get(path);
      expect(reply.status).toBe(403);
      expect(reply.text).toContain('loopback');
    }
    expect((await get('/control/tokens/claude')).status).toBe(404);
  });
});

describe('the control socket', () => {
  let sample: ReturnType<typeof sampleViews>;
  beforeEach(() => {
    sample = sampleViews();
  });

  it('serves pages and API too, and reloads without being allowed to', async () => {
    const { get, daemon } = await serveSocket(sample);
    expect((await get('/api/v1/checks')).status).toBe(200);
    expect((await get('/')).status).toBe(200);
    expect((await get('/-/reload', 'POST')).status).toBe(200);
    expect(daemon.reloads).toBe(1);
  });
});

import { once } from 'node:events';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { CheckIdentity } from '../../src/model/result.ts';
import type { Exposition } from '../../src/sinks/exposition.ts';
import { createSystem } from '../../src/system/system.ts';
import { createWebApp } from '../../src/web/app.ts';
import { startWeb } from '../../src/web/listen.ts';
import type { Views } from '../../src/web/views.ts';
import { parseExposition } from '../support/prometheus-text.ts';
import { sampleResult } from '../support/sample-result.ts';
import { ask } from './ask.ts';
import { sampleViews } from './sample-views.ts';

const system = createSystem();
const many: readonly CheckIdentity[] = Array.from({ length: 3_000 }, (_, index) => ({
  ...sampleResult().check,
  name: `check-${index}`,
}));

async function serve(changed: Partial<Views> = {}) {
  const sample = sampleViews(many.map((check) => ({ check, state: sampleResult().state })));
  const app = createWebApp({ ...sample.views, ...changed });
  const listener = await startWeb({ system, host: '127.0.0.1', port: 0, app });
  onTestFinished(() => listener.close());
  const { port } = listener.address;
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    ask({ host: '127.0.0.1', port, path, method, headers: { host: `127.0.0.1:${port}`, ...headers } });
  return { ...sample, get, port };
}

/** Renders what the test says, and counts how often. */
function scripted(pieces: () => Iterable<string>) {
  let renders = 0;
  const metrics = async (): Promise<Exposition> => {
    renders += 1;
    return { contentType: 'text/plain', pieces: pieces() };
  };
  return { metrics, renders: () => renders };
}

describe('/metrics of thousands of checks', () => {
  it('comes whole, compressed or not, and without a length', async () => {
    const { get, metrics } = await serve();
    for (const check of many) metrics.record(sampleResult({ check }));
    const plain = await get('/metrics');
    const zipped = await get('/metrics', { 'accept-encoding': 'gzip' });
    for (const text of [plain.text, gunzipSync(zipped.bytes).toString()])
      expect(parseExposition(text).get('sonde_latency_seconds')?.samples).toHaveLength(many.length * 12);
    expect(zipped.bytes.length).toBeLessThan(plain.bytes.length / 5);
    expect(plain.headers).not.toHaveProperty('content-length');
  });

  it('is written once for all who come meanwhile, and anew for who comes later', async () => {
    const { metrics, renders } = scripted(() => new Array(5_000).fill('a line of some length\n'));
    const { get } = await serve({ metrics });
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) => get('/metrics', index % 2 ? { 'accept-encoding': 'gzip' } : {})),
    );
    expect(
      new Set(replies.map(({ bytes, headers }) => (headers['content-encoding'] ? gunzipSync(bytes) : bytes).length))
        .size,
    ).toBe(1);
    expect(renders()).toBeLessThan(20);
    const before = renders();
    await get('/metrics');
    expect(renders()).toBe(before + 1);
  });

  it('cuts a client off, and tells the daemon, when it breaks on the way; the next scrape is a new one', async () => {
    const bug = new Error('bug');
    let isBroken = true;
    const { metrics } = scripted(function* () {
      for (let line = 0; line < 50_000; line++) yield `line ${Math.random()}\n`;
      if (isBroken) throw bug;
    });
    const { get, daemon } = await serve({ metrics });
    await expect(get('/metrics')).rejects.toThrow();
    await expect(get('/metrics', { 'accept-encoding': 'gzip' })).rejects.toThrow();
    await vi.waitFor(() => expect(daemon.errors).toEqual([bug, bug]));
    isBroken = false;
    expect((await get('/metrics')).status).toBe(200);
  });
});

describe('a long answer', () => {
  it('to a client that leaves on the way is no fault, and is not gone on with', async () => {
    let taken = 0;
    const checks = () =>
      many.map((check) => ({ check: { ...check, target: 'x'.repeat(10_000) }, state: sampleResult().state }));
    const { port, daemon, history } = await serve({ checks });
    const last = vi.spyOn(history, 'last').mockImplementation(() => void taken++);
    onTestFinished(() => last.mockRestore());
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET /api/v1/checks HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
    await once(socket, 'data');
    // The client reads no more: what is written is bounded by the buffers of the two sockets, and not by the answer.
    socket.pause();
    let before = -1;
    await vi.waitFor(() => {
      const isStill = taken === before;
      before = taken;
      expect(isStill).toBe(true);
    });
    expect(taken).toBeLessThan(many.length);
    socket.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    expect(daemon.errors).toEqual([]);
  });

  it.each(['/metrics', '/', '/api/v1/checks'])('has no body for HEAD: %s', async (path) => {
    const { get } = await serve();
    const head = await get(path, { 'accept-encoding': 'gzip' }, 'HEAD');
    expect([head.status, head.bytes.length, head.headers['content-encoding']]).toEqual([200, 0, 'gzip']);
  });

  it('of the API is one document', async () => {
    const { get } = await serve();
    const { checks } = JSON.parse((await get('/api/v1/checks')).text);
    expect(checks).toHaveLength(many.length);
    expect(checks[2_999]).toMatchObject({ name: 'check-2999', state: 'passing' });
    const none = await serve({ checks: () => [], tokens: () => [] });
    expect(JSON.parse((await none.get('/api/v1/checks')).text)).toEqual({ checks: [] });
  });

  it('may be a page by its number; what is no number is the first', async () => {
    const { get } = await serve();
    const firstOf = async (query: string) => /<h3>(.*?)<\/h3>/.exec((await get(`/${query}`)).text)?.[1];
    expect(await firstOf('')).toBe('check-0');
    const inOrder = many.map(({ name }) => name).sort();
    expect(await firstOf('?page=30')).toBe(inOrder[2_900]);
    expect(await firstOf('?page=1e9')).toBe(inOrder[2_900]);
    for (const query of ['?page=x', '?page=-3', '?page=0', '?other']) expect(await firstOf(query)).toBe('check-0');
  });
});

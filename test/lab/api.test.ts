import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startApi } from './api.ts';
import type { ApiFaultName } from './api-faults.ts';
import { startIssuer } from './issuer.ts';
import { rawGet } from './raw-request.ts';
import { startWorld, type World } from './world.ts';

const slowMs = 60;

let world: World;
/** With the scope models.read alone. */
let token: string;

beforeAll(async () => {
  world = await startWorld({ slowMs });
  token = await accessToken('models.read');
});

afterAll(() => world.close());

afterEach(() => world.api.faults.clear());

/** A token of a service, by the grant client_credentials. */
async function accessToken(scope: string, issuer = world.issuer): Promise<string> {
  const response = await fetch(`${issuer.origin}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`lab-service:${issuer.clientSecret('lab-service')}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${world.api.origin}${path}`, { headers, redirect: 'manual' });

const getWith = (bearer: string, path = '/v1/models') => get(path, { authorization: `Bearer ${bearer}` });

describe('the API behind the issuer', () => {
  it('lists models to a token with the scope', async () => {
    const response = await getWith(token);
    expect(response.status).toBe(200);
    expect(Date.parse(response.headers.get('date') ?? '')).not.toBeNaN();
    expect(await response.json()).toMatchObject({
      data: [{ type: 'model', id: expect.stringMatching(/^claude-/) }, {}, {}],
      has_more: false,
    });
  });

  it('says that there is more when a limit cuts the list', async () => {
    const body = await (await getWith(token, '/v1/models?limit=1')).json();
    expect(body).toMatchObject({ data: [{}], has_more: true });
  });

  it('answers the open routes without a token', async () => {
    expect(await (await get('/health')).json()).toEqual({ status: 'ok' });
    expect(await (await get('/slow')).json()).toEqual({ status: 'ok' });
    expect((await get('/redirect')).headers.get('location')).toBe('/health');
    expect((await (await get('/big')).arrayBuffer()).byteLength).toBe(2 * 1024 * 1024);
    const packed = await get('/gzip');
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(await packed.json()).toMatchObject({ packed: true });
  });

  it('knows no other path and no other method', async () => {
    expect((await get('/nowhere')).status).toBe(404);
    const posted = await fetch(`${world.api.origin}/health`, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET']);
  });
});

describe('challenges of RFC 6750', () => {
  const challengeOf = async (response: Response) => [response.status, response.headers.get('www-authenticate')];

  it('asks for a token without an error code when none was shown', async () => {
    expect(await challengeOf(await get('/v1/models'))).toEqual([401, 'Bearer realm="lab"']);
  });

  it('refuses credentials of another kind as an invalid request', async () => {
    const [status, challenge] = await challengeOf(await get('/v1/models', { authorization: 'Basic Zm9vOmJhcg==' }));
    expect(status).toBe(400);
    expect(challenge).toContain('error="invalid_request"');
  });

  it('refuses a token that the issuer does not know', async () => {
    const [status, challenge] = await challengeOf(await getWith('never-issued'));
    expect(status).toBe(401);
    expect(challenge).toMatch(/^Bearer realm="lab", error="invalid_token", error_description="[^"]+"$/);
  });

  it('refuses a token without the scope and names the scope', async () => {
    const [status, challenge] = await challengeOf(await getWith(token, '/v1/usage'));
    expect(status).toBe(403);
    expect(challenge).toMatch(/error="insufficient_scope", .*scope="usage.read"$/);
    expect((await getWith(await accessToken('usage.read'), '/v1/usage')).status).toBe(200);
  });
});

/** What a caller with a good token sees of each fault; the type makes sure that none is forgotten. */
const looks: Record<ApiFaultName, () => Promise<void>> = {
  async slow() {
    const beganMs = performance.now();
    expect((await getWith(token)).status).toBe(200);
    // Node's timers may be a millisecond early.
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(slowMs - 1);
  },
  async stall() {
    const patience = new AbortController();
    let answered = false;
    const stalled = fetch(`${world.api.origin}/v1/models`, { signal: patience.signal }).finally(() => {
      answered = !patience.signal.aborted;
    });
    await world.api.faults.set('status-500', '/health');
    expect((await get('/health')).status).toBe(500);
    patience.abort();
    await expect(stalled).rejects.toThrow();
    expect(answered).toBe(false);
  },
  async 'status-500'() {
    expect((await getWith(token)).status).toBe(500);
  },
  async 'status-503'() {
    const response = await getWith(token);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, null]);
  },
  async 'status-503-retry'() {
    const response = await getWith(token);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  },
  async 'status-429'() {
    const response = await getWith(token);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '5']);
  },
  async reset() {
    expect(await rawGet(`${world.api.origin}/health`)).toEqual({ text: '', end: 'ECONNRESET' });
  },
  async 'reset-in-headers'() {
    const { text, end } = await rawGet(`${world.api.origin}/health`);
    expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n.*Content-Le$/s);
    expect(end).toBe('ECONNRESET');
  },
  async 'reset-in-body'() {
    const { text, end } = await rawGet(`${world.api.origin}/health`);
    expect(text).toMatch(/\r\n\r\n{"data":\[$/);
    expect(end).toBe('ECONNRESET');
  },
  async 'cut-body'() {
    const { text, end } = await rawGet(`${world.api.origin}/health`);
    expect(text).toMatch(/Content-Length: 1000\r\n\r\n{"data":\[$/);
    expect(end).toBe('end');
  },
  async 'wrong-framing'() {
    await expect(get('/health').then((response) => response.text())).rejects.toThrow();
    expect((await rawGet(`${world.api.origin}/health`)).text).toContain('\r\n\r\nzz\r\n');
  },
  async 'closed-port'() {
    expect((await rawGet(`${world.api.origin}/health`)).end).toBe('ECONNREFUSED');
  },
  async 'redirect-loop'() {
    const response = await getWith(token, '/v1/models?limit=1');
    expect([response.status, response.headers.get('location')]).toEqual([302, `${world.api.origin}/v1/models?limit=1`]);
  },
  async 'html-401'() {
    const response = await getWith(token);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, null]);
    expect(response.headers.get('content-type')).toContain('text/html');
  },
  async 'token-expired'() {
    const response = await getWith(token);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error_description="The access token expired"');
    expect((await get('/health')).status).toBe(200);
  },
  async 'token-revoked'() {
    const victim = await accessToken('models.read');
    expect((await get('/health')).status).toBe(200);
    expect((await getWith(victim)).status).toBe(401);
    expect((await getWith(token)).status).toBe(200);
    expect((await getWith(victim)).status).toBe(401);
  },
  async 'scope-strict'() {
    const response = await getWith(token);
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('scope="models.read admin"');
    expect((await get('/health')).status).toBe(200);
  },
  async 'wrong-json'() {
    expect(await (await getWith(token)).json()).toEqual({ models: { claude: true } });
    expect((await get('/v1/models')).status).toBe(401);
  },
  async 'not-json'() {
    const response = await getWith(token);
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(/^<!doctype html>/);
  },
  async 'empty-list'() {
    expect(await (await getWith(token)).json()).toEqual({ data: [], has_more: false });
  },
  async 'huge-body'() {
    expect((await (await getWith(token)).arrayBuffer()).byteLength).toBe(8 * 1024 * 1024);
  },
  async 'date-ahead'() {
    const date = Date.parse((await get('/health')).headers.get('date') ?? '');
    expect(date - Date.now()).toBeGreaterThan(3_500_000);
  },
};

describe('faults', () => {
  it.each(Object.entries(looks))('%s does what its name says, and heals', async (name, look) => {
    await world.api.faults.set(name as ApiFaultName);
    await look();
    await world.api.faults.clear();
    expect((await getWith(token)).status).toBe(200);
  });

  it('break one path and leave the others', async () => {
    await world.api.faults.set('status-500', '/health');
    expect((await get('/health')).status).toBe(500);
    expect((await getWith(token)).status).toBe(200);
  });

  it('that ask for a scope let in who has it', async () => {
    const issuer = await startIssuer({ scopes: ['models.read', 'admin'] });
    onTestFinished(() => issuer.close());
    const { introspect, revoke } = issuer;
    const api = await startApi({ introspect, revoke });
    onTestFinished(() => api.close());
    await api.faults.set('scope-strict');
    const bearer = await accessToken('models.read admin', issuer);
    const response = await fetch(`${api.origin}/v1/models`, { headers: { authorization: `Bearer ${bearer}` } });
    expect(response.status).toBe(200);
  });

  it('tell what they are and where they are on', async () => {
    await world.api.faults.set('slow', '/health');
    const slow = world.api.faults.list().find((fault) => fault.name === 'slow');
    expect(slow).toEqual({ name: 'slow', sentence: expect.stringContaining('late'), on: ['/health'] });
    expect(world.api.faults.list().map((fault) => fault.name)).toEqual(Object.keys(looks));
  });
});

import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Issuer, type IssuerOptions, startIssuer } from './issuer.ts';
import { type LabClientId, labClients } from './issuer-clients.ts';

async function issuerFor(options?: IssuerOptions): Promise<Issuer> {
  const issuer = await startIssuer(options);
  onTestFinished(() => issuer.close());
  return issuer;
}

async function ask(issuer: Issuer, client: LabClientId, form: Record<string, string>) {
  const secret = labClients[client].authentication === 'none' ? {} : { client_secret: issuer.clientSecret(client) };
  const basic = labClients[client].authentication === 'client_secret_basic';
  const pair = Buffer.from(`${client}:${basic ? issuer.clientSecret(client) : ''}`).toString('base64');
  const response = await fetch(`${issuer.origin}/token`, {
    method: 'POST',
    headers: basic ? { authorization: `Basic ${pair}` } : {},
    body: new URLSearchParams(basic ? form : { client_id: client, ...secret, ...form }),
  });
  return { status: response.status, body: await response.text() };
}

const granted = async (issuer: Issuer, client: LabClientId, form: Record<string, string>) => {
  const { status, body } = await ask(issuer, client, form);
  expect(status).toBe(200);
  return JSON.parse(body);
};
const service = { grant_type: 'client_credentials', scope: 'usage.read' };
const refresh = (refresh_token: string) => ({ grant_type: 'refresh_token', refresh_token });

describe("the lab's issuer", () => {
  it('has nothing to say on the terminal', async () => {
    const spies = (['info', 'warn', 'error', 'log'] as const).map((name) => vi.spyOn(console, name));
    onTestFinished(() => void vi.restoreAllMocks());
    const issuer = await issuerFor();
    await granted(issuer, 'lab-service', service);
    await ask(issuer, 'lab-user', refresh('unknown'));
    await granted(issuer, 'lab-public', refresh(await issuer.mintRefreshToken('lab-public', ['models.read'])));
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });

  it.each<LabClientId>(['lab-service', 'lab-post', 'lab-jwt'])('grants %s what it asks for', async (client) => {
    const issuer = await issuerFor({ accessTokenSeconds: 30 });
    const { access_token, expires_in, scope } = await granted(issuer, client, service);
    expect({ expires_in, scope }).toEqual({ expires_in: 30, scope: 'usage.read' });
    expect(await issuer.introspect(access_token)).toEqual({ active: true, scope: 'usage.read' });
    expect(await issuer.introspect(`${access_token}x`)).toEqual({ active: false });
  });

  it('refuses a scope that is known and granted to none', async () => {
    const issuer = await issuerFor();
    const { body } = await ask(issuer, 'lab-service', { ...service, scope: 'admin' });
    expect(JSON.parse(body).error).toBe('invalid_scope');
  });

  it('calls tokens inactive once they have ended', async () => {
    const issuer = await issuerFor({ accessTokenSeconds: 60 });
    const tokens = [await granted(issuer, 'lab-service', service), await granted(issuer, 'lab-jwt', service)];
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    onTestFinished(() => void vi.useRealTimers());
    for (const { access_token } of tokens) expect(await issuer.introspect(access_token)).toEqual({ active: false });
  });

  it('rotates refresh tokens, and revokes the family at a replay', async () => {
    const issuer = await issuerFor();
    const seed = await issuer.mintRefreshToken('lab-user', ['models.read']);
    const first = await granted(issuer, 'lab-user', refresh(seed));
    expect(await issuer.introspect(first.access_token)).toEqual({ active: true, scope: 'models.read' });
    expect((await ask(issuer, 'lab-user', refresh(seed))).status).toBe(400);
    expect(await issuer.introspect(first.access_token)).toEqual({ active: false });
    expect((await ask(issuer, 'lab-user', refresh(first.refresh_token))).status).toBe(400);
  });

  it('revokes an access token alone, and a refresh token with all its family', async () => {
    const issuer = await issuerFor();
    const seed = await issuer.mintRefreshToken('lab-user', ['models.read']);
    const first = await granted(issuer, 'lab-user', refresh(seed));
    await issuer.revoke(first.access_token);
    expect(await issuer.introspect(first.access_token)).toEqual({ active: false });
    const second = await granted(issuer, 'lab-user', refresh(first.refresh_token));
    await issuer.revoke(second.refresh_token);
    expect(await issuer.introspect(second.access_token)).toEqual({ active: false });
    expect((await ask(issuer, 'lab-user', refresh(second.refresh_token))).status).toBe(400);
    await issuer.revoke('unknown');
  });

  it('goes on knowing its tokens while it is down', async () => {
    const issuer = await issuerFor();
    const { access_token } = await granted(issuer, 'lab-service', service);
    await issuer.faults.set('down');
    const socket = connect(Number(new URL(issuer.origin).port), '127.0.0.1');
    expect(await once(socket, 'error')).toMatchObject([{ code: 'ECONNREFUSED' }]);
    expect(await issuer.introspect(access_token)).toEqual({ active: true, scope: 'usage.read' });
    await issuer.faults.clear();
    await granted(issuer, 'lab-service', service);
  });

  it('breaks as its faults say', async () => {
    const issuer = await issuerFor();
    const asked = () => ask(issuer, 'lab-service', service);
    await issuer.faults.set('status-500');
    expect(await asked()).toMatchObject({ status: 500 });
    await issuer.faults.set('html-200');
    expect(await asked()).toMatchObject({ status: 200, body: expect.stringContaining('<!doctype html>') });
    await issuer.faults.set('long-expiry');
    expect(JSON.parse((await asked()).body).expires_in).toBe(6000);
    await issuer.faults.set('no-expiry');
    expect(JSON.parse((await asked()).body)).not.toHaveProperty('expires_in');
    await issuer.faults.set('negative-expiry');
    expect(JSON.parse((await asked()).body).expires_in).toBe(-1);
    await issuer.faults.set('huge-expiry');
    expect(JSON.parse((await asked()).body).expires_in).toBe(1e15);
    await issuer.faults.set('no-access-token');
    expect(JSON.parse((await asked()).body)).not.toHaveProperty('access_token');
    await issuer.faults.set('no-token-type');
    expect(JSON.parse((await asked()).body)).not.toHaveProperty('token_type');
    await issuer.faults.set('cut-answer');
    await expect(asked()).rejects.toThrow();
    await issuer.faults.clear();
    expect(await asked()).toMatchObject({ status: 200 });
  });

  it('drips a body without an end until the client gives up', async () => {
    const issuer = await issuerFor();
    await issuer.faults.set('endless-body');
    const patience = new AbortController();
    const response = await fetch(`${issuer.origin}/token`, { method: 'POST', signal: patience.signal });
    const reader = response.body?.getReader();
    for (let drips = 0; drips < 3; drips++) expect(await reader?.read()).toMatchObject({ done: false });
    patience.abort();
    await expect(reader?.read()).rejects.toThrow();
  });

  it('does its work at once though its answer is late', async () => {
    const issuer = await startIssuer({ slowMs: 3_600_000 });
    const seed = await issuer.mintRefreshToken('lab-user', ['models.read']);
    await issuer.faults.set('slow-answer');
    const asked = ask(issuer, 'lab-user', refresh(seed)).catch((error: unknown) => error);
    await vi.waitFor(() => expect(issuer.tokenRequests()).toBe(1));
    await issuer.faults.clear();
    await vi.waitFor(async () => expect(await issuer.isSpent(seed)).toBe(true));
    expect(await issuer.familyIsAlive(seed)).toBe(true);
    await issuer.close();
    expect(await asked).toBeInstanceOf(Error);
  });

  it('leaves the refresh token out of an answer, and it goes on being good where it does not rotate', async () => {
    const issuer = await issuerFor();
    const seed = await issuer.mintRefreshToken('lab-steady', ['models.read']);
    await issuer.faults.set('no-refresh-token');
    expect(await granted(issuer, 'lab-steady', refresh(seed))).not.toHaveProperty('refresh_token');
    await issuer.faults.clear();
    expect(await granted(issuer, 'lab-steady', refresh(seed))).toHaveProperty('refresh_token', seed);
  });

  it('grants fewer scopes than are asked for, and says so', async () => {
    const issuer = await issuerFor();
    const seed = await issuer.mintRefreshToken('lab-user', ['models.read', 'usage.read']);
    await issuer.faults.set('fewer-scopes');
    for (const [client, form] of [
      ['lab-service', { ...service, scope: 'models.read usage.read' }],
      ['lab-user', refresh(seed)],
    ] as const) {
      const { scope, access_token } = await granted(issuer, client, form);
      expect(scope).toBe('models.read');
      expect(await issuer.introspect(access_token)).toEqual({ active: true, scope: 'models.read' });
    }
  });

  it('has another holder spend a refresh token, after which the family dies at our own try', async () => {
    const issuer = await issuerFor();
    for (const client of ['lab-user', 'lab-public'] satisfies LabClientId[]) {
      const seed = await issuer.mintRefreshToken(client, ['models.read']);
      const theirs = await issuer.spendRefreshToken(seed);
      expect(await issuer.introspect(String(theirs.access_token))).toMatchObject({ active: true });
      expect(await issuer.familyIsAlive(seed)).toBe(true);
      expect((await ask(issuer, client, refresh(seed))).status).toBe(400);
      expect(await issuer.familyIsAlive(String(theirs.refresh_token))).toBe(false);
    }
    const steady = await issuer.mintRefreshToken('lab-steady', ['models.read']);
    expect(await issuer.spendRefreshToken(steady)).toHaveProperty('refresh_token', steady);
    await expect(issuer.spendRefreshToken('unknown')).rejects.toThrow(RangeError);
  });

  it('forgets at a word all that its person has granted, and nothing else', async () => {
    const issuer = await issuerFor();
    const seed = await issuer.mintRefreshToken('lab-user', ['models.read']);
    const { access_token, refresh_token } = await granted(issuer, 'lab-user', refresh(seed));
    const other = await granted(issuer, 'lab-service', service);
    issuer.revokeAll();
    expect(await issuer.introspect(access_token)).toEqual({ active: false });
    expect(await issuer.familyIsAlive(refresh_token)).toBe(false);
    expect((await ask(issuer, 'lab-user', refresh(refresh_token))).status).toBe(400);
    expect(await issuer.introspect(other.access_token)).toMatchObject({ active: true });
  });

  it('counts requests, whatever comes of them', async () => {
    const issuer = await issuerFor();
    await ask(issuer, 'lab-service', service);
    await issuer.faults.set('status-500');
    await ask(issuer, 'lab-service', service);
    expect([issuer.tokenRequests(), issuer.requests('/token'), issuer.requests('/device')]).toEqual([2, 2, 0]);
  });

  it('ends at once though an answer is late', async () => {
    const issuer = await startIssuer({ slowMs: 3_600_000 });
    await issuer.faults.set('slow');
    const asked = ask(issuer, 'lab-service', service).catch((error: unknown) => error);
    await issuer.close();
    expect(await asked).toBeInstanceOf(Error);
  });

  it('says so when its port is taken', async () => {
    const issuer = await issuerFor();
    await expect(startIssuer({ port: Number(new URL(issuer.origin).port) })).rejects.toThrow('EADDRINUSE');
  });
});

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { rawGet } from './raw-request.ts';
import { startWorld, type World } from './world.ts';

/** Refreshes as lab-user does. */
async function refresh({ issuer }: World, secret: string, refreshToken: string) {
  const response = await fetch(`${issuer.origin}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`lab-user:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
  });
  return (await response.json()) as { access_token: string; refresh_token: string };
}

const models = async ({ api }: World, token: string) =>
  (await fetch(`${api.origin}/v1/models`, { headers: { authorization: `Bearer ${token}` } })).status;

async function occupyPort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return [server, (server.address() as AddressInfo).port] as const;
}

describe('the world of the lab', () => {
  it('gives out credentials that rotate and open the API, also while the issuer is down', async () => {
    await using opened = new AsyncDisposableStack();
    const world = opened.adopt(await startWorld(), (it) => it.close());
    const { LAB_USER_SECRET = '', LAB_REFRESH_TOKEN = '' } = await world.environment();
    const first = await refresh(world, LAB_USER_SECRET, LAB_REFRESH_TOKEN);
    const second = await refresh(world, LAB_USER_SECRET, first.refresh_token);
    expect(new Set([LAB_REFRESH_TOKEN, first.refresh_token, second.refresh_token]).size).toBe(3);
    await world.issuer.faults.set('down');
    expect((await rawGet(`${world.issuer.origin}/`)).end).toBe('ECONNREFUSED');
    expect(await models(world, second.access_token)).toBe(200);
  });

  it('breaks both servers by hand, the closed port included', async () => {
    await using opened = new AsyncDisposableStack();
    const world = opened.adopt(await startWorld(), (it) => it.close());
    for (const fault of ['api/closed-port', 'issuer/status-500'])
      expect((await fetch(`${world.control.origin}/faults/${fault}`, { method: 'POST' })).status).toBe(200);
    expect((await rawGet(`${world.api.origin}/health`)).end).toBe('ECONNREFUSED');
    expect((await fetch(`${world.issuer.origin}/token`)).status).toBe(500);
    await fetch(`${world.control.origin}/faults`, { method: 'DELETE' });
    expect((await fetch(`${world.api.origin}/health`)).status).toBe(200);
  });

  it('starts as a whole or not at all', async () => {
    const [squatter, taken] = await occupyPort();
    const [passer, issuerPort] = await occupyPort();
    passer.close();
    await once(passer, 'close');

    const ports = { issuer: issuerPort, api: 0, control: taken };
    await expect(startWorld({ ports })).rejects.toMatchObject({ code: 'EADDRINUSE', port: taken });
    expect((await rawGet(`http://127.0.0.1:${issuerPort}/`)).end).toBe('ECONNREFUSED');
    squatter.close();
  });
});

import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Issuer, startIssuer } from './issuer.ts';
import type { LabClientId } from './issuer-clients.ts';
import { approveDevice, consent, denyDevice } from './person.ts';

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer({ deviceIntervalSeconds: 1 });
});
afterAll(() => issuer.close());
afterEach(() => issuer.faults.clear());

const redirectUri = 'http://127.0.0.1:53001/callback';

/** The address that a client sends the browser to, and how it exchanges the code. */
function authorization(client: LabClientId, more: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(`${issuer.origin}/auth`);
  url.search = new URLSearchParams({
    client_id: client,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'models.read usage.read',
    state: 'of this test',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  }).toString();
  const exchange = (code: string) =>
    post('/token', {
      client_id: client,
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
  return { url, exchange };
}

async function post(path: string, form: Record<string, string>) {
  const response = await fetch(issuer.origin + path, { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

const queryOf = (url: URL) => Object.fromEntries(url.searchParams);

describe('a person at a browser', () => {
  it('gives a code to an app on loopback, on whatever port it waits', async () => {
    const { url, exchange } = authorization('lab-person-app');
    const redirect = await consent(url);
    expect(redirect.origin + redirect.pathname).toBe(redirectUri);
    expect(queryOf(redirect)).toEqual({ code: expect.any(String), state: 'of this test', iss: issuer.origin });

    const { code = '' } = queryOf(redirect);
    const { status, body } = await exchange(code);
    expect(status).toBe(200);
    expect(body).toMatchObject({ scope: 'models.read usage.read', refresh_token: expect.any(String) });
    expect(await issuer.introspect(body.access_token ?? '')).toMatchObject({ active: true });
  });

  it('has a code used once: the second time all that it brought is revoked', async () => {
    const { url, exchange } = authorization('lab-person-app');
    const { code = '' } = queryOf(await consent(url));
    const { body } = await exchange(code);
    await issuer.faults.set('says-why');
    expect((await exchange(code)).body).toEqual({
      error: 'invalid_grant',
      error_description: 'authorization code already consumed',
    });
    expect(await issuer.introspect(body.access_token ?? '')).toEqual({ active: false });
    await issuer.faults.clear();
    expect((await exchange(code)).body.error_description).toBe('grant request is invalid');
  });

  it('can say no, and can give less than was asked for', async () => {
    const { url, exchange } = authorization('lab-person-app');
    expect(queryOf(await consent(url, { answer: 'deny' }))).toMatchObject({ error: 'access_denied' });
    const { code = '' } = queryOf(await consent(url, { answer: 'fewer' }));
    expect((await exchange(code)).body.scope).toBe('models.read');
    await issuer.faults.set('consent-denied');
    expect(queryOf(await consent(url))).toMatchObject({ error: 'access_denied', iss: issuer.origin });
  });

  it('is stopped at a page where the request is not one of the issuer', async () => {
    await expect(
      consent(authorization('lab-person-app', { redirect_uri: 'http://127.0.0.1/elsewhere' }).url),
    ).rejects.toThrow('invalid_redirect_uri');
    await expect(consent(`${issuer.origin}/nowhere`)).rejects.toThrow('404');
  });
});

describe('a person with a device', () => {
  const begin = async () =>
    (await post('/device/auth', { client_id: 'lab-device', scope: 'models.read' })).body as Record<string, string>;
  const poll = (device: Record<string, string>) =>
    post('/token', {
      client_id: 'lab-device',
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: device.device_code ?? '',
    });

  it('is let in once the person has entered its code', async () => {
    const device = await begin();
    expect(device).toMatchObject({ verification_uri: `${issuer.origin}/device`, interval: 1, expires_in: 600 });
    expect((await poll(device)).body.error).toBe('authorization_pending');
    await issuer.faults.set('slow-down');
    expect((await poll(device)).body.error).toBe('slow_down');
    await issuer.faults.clear();
    expect(await approveDevice(issuer.origin, device.user_code ?? '')).toBe('Your device has been let in');
    expect((await poll(device)).body).toMatchObject({ scope: 'models.read', refresh_token: expect.any(String) });
  });

  it('is refused when the person says no', async () => {
    const device = await begin();
    expect(await denyDevice(issuer.origin, device.user_code ?? '')).toBe('That did not go through');
    expect((await poll(device)).body.error).toBe('access_denied');
  });

  it('reads that a code is wrong, and by the whole address need not type it', async () => {
    expect(await approveDevice(issuer.origin, 'WRNG-CODE')).toBe('That did not go through');
    const device = await begin();
    const page = await (await fetch(device.verification_uri_complete ?? '')).text();
    expect(page).toContain(`name="user_code" value="${device.user_code}"`);
  });
});

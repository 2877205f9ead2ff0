import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLabCertificates, type LabCertificates } from './certificates.ts';
import { askForToken, askOverTls, basic, type ProofOptions, signProof } from './plain-client.ts';
import { startWorld, type World } from './world.ts';

let certificates: LabCertificates;
let world: World;
beforeAll(async () => {
  certificates = await createLabCertificates();
  world = await startWorld({ certificates });
});
afterAll(() => world.close());
afterEach(() => world.api.faults.clear());

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
const key = newKey();

async function boundToken({ issuer }: World): Promise<string> {
  const url = `${issuer.origin}/token`;
  const known = basic('lab-dpop', issuer.clientSecret('lab-dpop'));
  const ask = async (nonce?: string) => {
    const dpop = await signProof(key, { method: 'POST', url, ...(nonce === undefined ? {} : { nonce }) });
    return askForToken(url, { grant_type: 'client_credentials', scope: 'models.read' }, { ...known, dpop });
  };
  const first = await ask();
  const { body } = first.status === 200 ? first : await ask(String(first.headers['dpop-nonce']));
  return String(body.access_token);
}

/** Asks for the models with a proof that is right but for what is said otherwise. */
async function models(
  { api }: World,
  token: string,
  {
    scheme = 'DPoP',
    by = key,
    path = '/v1/models',
    ...wrong
  }: Partial<ProofOptions> & { scheme?: string; by?: typeof key; path?: string } = {},
) {
  const dpop = await signProof(by, { method: 'GET', url: api.origin + path, token, ...wrong });
  const response = await fetch(`${api.origin}${path}?limit=1`, {
    headers: { authorization: `${scheme} ${token}`, dpop },
  });
  const challenge = response.headers.get('www-authenticate');
  return { status: response.status, challenge, nonce: response.headers.get('dpop-nonce') };
}

describe('a token that is bound to a key', () => {
  let token: string;
  beforeAll(async () => {
    token = await boundToken(world);
  });

  it('is good with a proof by that key', async () => {
    expect(await models(world, token)).toEqual({ status: 200, challenge: null, nonce: null });
  });

  it.each([
    ['of another key', { by: newKey() }, 'another key'],
    ['of another method', { method: 'POST' }, 'htm'],
    ['of another address', { url: 'http://elsewhere.example/v1/models' }, 'htu'],
    ['of another token', { claims: { ath: 'x' } }, 'ath'],
    ['of an earlier time', { claims: { iat: Math.floor(Date.now() / 1000) - 90 } }, 'iat'],
    ['of a later time', { claims: { iat: Math.floor(Date.now() / 1000) + 90 } }, 'iat'],
    ['without a name of its own', { claims: { jti: '' } }, 'shown before'],
  ])('is refused with a proof %s', async (_of, wrong, word) => {
    const { status, challenge } = await models(world, token, wrong);
    expect(status).toBe(401);
    expect(challenge).toMatch(/^DPoP realm="lab", error="invalid_dpop_proof", .*algs="ES256 EdDSA"$/);
    expect(challenge).toContain(word);
  });

  it('is refused with a proof that is none, or that was shown before', async () => {
    const url = `${world.api.origin}/v1/models`;
    const authorization = `DPoP ${token}`;
    expect((await fetch(url, { headers: { authorization } })).status).toBe(401);
    const dpop = await signProof(key, { method: 'GET', url, token });
    expect((await fetch(url, { headers: { authorization, dpop } })).status).toBe(200);
    expect((await fetch(url, { headers: { authorization, dpop } })).status).toBe(401);
  });

  it('is refused as a bearer, and a bearer is refused as bound', async () => {
    expect(await models(world, token, { scheme: 'Bearer' })).toMatchObject({
      status: 401,
      challenge: expect.stringContaining('error="invalid_token"'),
    });
    const { issuer } = world;
    const known = basic('lab-service', issuer.clientSecret('lab-service'));
    const { body } = await askForToken(`${issuer.origin}/token`, { grant_type: 'client_credentials' }, known);
    expect((await models(world, String(body.access_token))).status).toBe(401);
  });

  it('meets its challenges in its own scheme', async () => {
    expect(await models(world, token, { path: '/v1/usage' })).toMatchObject({
      status: 403,
      challenge: expect.stringMatching(/^DPoP .*error="insufficient_scope".*scope="usage.read"/),
    });
    await world.api.faults.set('token-revoked');
    expect(await models(world, token)).toMatchObject({ status: 401, challenge: expect.stringMatching(/^DPoP /) });
  });

  it('has to come with the nonce of the moment where the API wants one', async () => {
    await using opened = new AsyncDisposableStack();
    const strict = opened.adopt(await startWorld({ dpopNonces: true }), (it) => it.close());
    const bound = await boundToken(strict);
    const first = await models(strict, bound);
    expect(first).toMatchObject({ status: 401, challenge: expect.stringContaining('error="use_dpop_nonce"') });
    const nonce = String(first.nonce);
    expect((await models(strict, bound, { nonce })).status).toBe(200);
    strict.api.renewNonce();
    const second = await models(strict, bound, { nonce });
    expect(second.status).toBe(401);
    expect(second.nonce).not.toBe(nonce);
    expect((await models(strict, bound, { nonce: String(second.nonce) })).status).toBe(200);
  });
});

describe('a token that is bound to a certificate', () => {
  it('is good where that certificate is shown, and nowhere else', async () => {
    const { api, issuer } = world;
    const { authority, client: shown, selfSigned } = certificates;
    const form = { grant_type: 'client_credentials', scope: 'models.read', client_id: 'lab-tls' };
    const { body } = await askOverTls(`${issuer.mtlsOrigin}/token`, { authority, shown, form });
    const headers = { authorization: `Bearer ${body.access_token}` };
    const ask = (certificate?: LabCertificates['client']) =>
      askOverTls(`${api.mtlsOrigin}/v1/models`, { authority, headers, ...(certificate ? { shown: certificate } : {}) });
    expect(await ask(shown)).toMatchObject({ status: 200 });
    for (const other of [undefined, selfSigned]) {
      const { status, headers: told } = await ask(other);
      expect([status, told['www-authenticate']]).toEqual([401, expect.stringContaining('error="invalid_token"')]);
    }
    expect((await fetch(`${api.origin}/v1/models`, { headers })).status).toBe(401);
  });

  it('meets a closed port too', async () => {
    await world.api.faults.set('closed-port');
    const asked = askOverTls(`${world.api.mtlsOrigin}/health`, { authority: certificates.authority });
    await expect(asked).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await world.api.faults.clear();
    expect(await askOverTls(`${world.api.mtlsOrigin}/health`, { authority: certificates.authority })).toMatchObject({
      status: 200,
    });
  });
});

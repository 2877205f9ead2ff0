import { createHash, generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Issuer } from '../../../src/auth/issuer.ts';
import { Secret } from '../../../src/model/secret.ts';
import { startApi } from '../../lab/api.ts';
import type { Issuer as LabIssuer } from '../../lab/issuer.ts';
import { client, granted, named, request } from '../issuer-lab.ts';
import { definition, labDefinition, labIssuer } from '../token-lab.ts';

const dpop = { algorithm: 'ES256' } as const;
const target = new URL('https://api.example/v1/models?limit=10#top');

async function labApi({ introspect, revoke }: LabIssuer, dpopNonces: boolean) {
  const api = await startApi({ introspect, revoke, dpopNonces });
  onTestFinished(() => api.close());
  const url = new URL('/v1/models', api.origin);
  const show = async (issuer: Issuer, token: Secret) => {
    const authorizer = issuer.authorizer(token);
    const { headers } = await authorizer.authorize({ url, method: 'GET' });
    const response = await fetch(url, { headers });
    const heard = { status: response.status, headers: Object.fromEntries(response.headers) };
    return { status: response.status, wish: authorizer.heard({ url, method: 'GET' }, heard) };
  };
  return { api, show };
}

const tokenOf = async (issuer: Issuer, ...what: Parameters<typeof request>) =>
  (await issuer.request(...request(...what))).access?.value ?? new Secret('');

describe('a certified issuer that binds tokens to a key', () => {
  it.each(['ES256', 'EdDSA'] as const)(
    'gives one to a client that proves it by %s, and the API takes it',
    async (algorithm) => {
      const lab = await labIssuer();
      const { issuer } = client(labDefinition(lab, 'lab-dpop', { dpop: { algorithm } }));
      const { access, observation } = await issuer.request(...request());
      expect(access?.type).toBe('dpop');
      expect(observation.signed).toEqual([{ kind: 'dpop_proof', iat: expect.any(Number) }]);
      const own = JSON.parse((await issuer.dpopKey())?.reveal() ?? '') as JWK;
      const token = access?.value ?? new Secret('');
      expect(await lab.introspect(token.reveal())).toMatchObject({ cnf: { jkt: await calculateJwkThumbprint(own) } });
      const { show } = await labApi(lab, false);
      expect(await show(issuer, token)).toEqual({ status: 200, wish: 'done' });
    },
  );

  it('is asked again with its nonce, by a request and a permit of its own, and not the next time', async () => {
    const lab = await labIssuer({ accessTokenSeconds: 600, dpopNonces: true });
    const { issuer, permits } = client(labDefinition(lab, 'lab-dpop'));
    expect((await issuer.request(...request())).access).toBeDefined();
    expect([lab.tokenRequests(), permits()]).toEqual([2, 3]);
    expect((await issuer.request(...request())).access).toBeDefined();
    expect([lab.tokenRequests(), permits()]).toEqual([3, 4]);
  });

  it('keeps a family of refresh tokens to the key of an earlier process', async () => {
    const lab = await labIssuer();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = privateKey.export({ format: 'jwk' });
    const thumbprint = await calculateJwkThumbprint({ ...jwk, kty: 'EC' });
    const seed = new Secret(await lab.mintRefreshToken('lab-person-dpop', ['models.read'], thumbprint));
    const { issuer } = client(labDefinition(lab, 'lab-person-dpop'));
    expect((await issuer.request(...request({ refreshToken: seed }))).observation.error).toBe('invalid_grant');

    const key = new Secret(JSON.stringify(jwk));
    issuer.useDpopKey(key);
    expect((await issuer.request(...request({ refreshToken: seed }))).access?.type).toBe('dpop');
    expect(JSON.parse((await issuer.dpopKey())?.reveal() ?? '')).toEqual(jwk);
  });

  it('knows a client by the key that is configured, which is not given away', async () => {
    const lab = await labIssuer();
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = new Secret(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    const { issuer } = client(labDefinition(lab, 'lab-dpop', { dpop: { ...dpop, key } }));
    issuer.useDpopKey(new Secret('of an earlier process, before the configuration named one'));
    const token = await tokenOf(issuer);
    const { x = '' } = privateKey.export({ format: 'jwk' });
    const jkt = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x });
    expect(await lab.introspect(token.reveal())).toMatchObject({ cnf: { jkt } });
    expect(await issuer.dpopKey()).toBeUndefined();
  });
});

describe('the API of the lab that wants nonces', () => {
  it('is asked again with the nonce that it gave, and takes the next request as it comes', async () => {
    const lab = await labIssuer();
    const { issuer } = client(labDefinition(lab, 'lab-dpop'));
    const token = await tokenOf(issuer);
    const { api, show } = await labApi(lab, true);
    expect(await show(issuer, token)).toEqual({ status: 401, wish: 'again' });
    expect(await show(issuer, token)).toEqual({ status: 200, wish: 'done' });
    // The nonce is the target's and outlives the token.
    expect(await show(issuer, await tokenOf(issuer))).toEqual({ status: 200, wish: 'done' });
    api.renewNonce();
    expect(await show(issuer, token)).toEqual({ status: 401, wish: 'again' });
    expect(await show(issuer, token)).toEqual({ status: 200, wish: 'done' });
  });
});

describe('a proof that a scripted issuer gets', () => {
  const nonceError = { status: 400, headers: { 'dpop-nonce': 'n1' }, body: { error: 'use_dpop_nonce' } };

  it('is for the token endpoint without its query', async () => {
    const { origin, requests } = await named(() => ({ body: { ...granted, token_type: 'DPoP' } }));
    const token = `${origin}/token?tenant=a`;
    const { issuer, system } = client(definition({ endpoints: { token }, clientAuth: 'none', dpop }));
    await issuer.request(...request());
    const proof = String(requests[0]?.headers.dpop);
    expect(decodeProtectedHeader(proof)).toEqual({
      typ: 'dpop+jwt',
      alg: 'ES256',
      jwk: { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String) },
    });
    const iat = Math.floor(system.clock.wallMs() / 1000);
    expect(decodeJwt(proof)).toEqual({ htm: 'POST', htu: `${origin}/token`, iat, jti: expect.any(String) });
  });

  it('is made once more for a nonce, and no more than that', async () => {
    let turn = 0;
    const { issuer, requests } = await named(() => ({ ...nonceError, headers: { 'dpop-nonce': `n${++turn}` } }), {
      dpop,
    });
    const { observation, spent } = await issuer.request(...request({ refreshToken: new Secret('rt') }));
    expect(requests.map(({ headers }) => decodeJwt(String(headers.dpop)).nonce)).toEqual([undefined, 'n1']);
    expect(observation.error).toBe('use_dpop_nonce');
    expect(spent).toBe('no');
  });

  it.each([
    ['that is the one it had', { 'dpop-nonce': 'n1' }],
    ['that no proof can hold', { 'dpop-nonce': 'two words' }],
    ['that is longer than a proof should be', { 'dpop-nonce': 'n'.repeat(1025) }],
    ['without a nonce', {}],
  ])('is not made again for an answer %s', async (_what, headers) => {
    let asked = 0;
    const { issuer, requests } = await named(
      () => {
        asked += 1;
        return asked === 1 ? { headers: { 'dpop-nonce': 'n1' }, body: granted } : { ...nonceError, headers };
      },
      { dpop },
    );
    await issuer.request(...request());
    expect((await issuer.request(...request())).observation.error).toBe('use_dpop_nonce');
    expect(requests).toHaveLength(2);
  });

  it('is not made at all where the configuration does not ask for it', async () => {
    const { issuer, requests } = await named(() => nonceError);
    await issuer.request(...request());
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers).not.toHaveProperty('dpop');
    expect(await issuer.dpopKey()).toBeUndefined();
    expect(() => issuer.useDpopKey(new Secret('of no use'))).not.toThrow();
  });

  it('comes with a client assertion that is new as well', async () => {
    let asked = 0;
    const { issuer, requests } = await named(() => (asked++ === 0 ? nonceError : { body: granted }), {
      dpop,
      clientAuth: 'client_secret_jwt',
    });
    const { observation } = await issuer.request(...request());
    const [first, second] = requests.map(({ form }) => decodeJwt(form.client_assertion ?? '').jti);
    expect(first).not.toBe(second);
    expect(observation.signed?.map(({ kind }) => kind)).toEqual(['client_assertion', 'dpop_proof']);
  });

  it('is kept from what is told, and so is the assertion beside it', async () => {
    const { issuer } = await named(
      ({ headers, form }) => ({ status: 400, body: `${headers.dpop} ${form.client_assertion}` }),
      { dpop, clientAuth: 'client_secret_jwt' },
    );
    expect((await issuer.request(...request())).observation.bodyStart).toBe('[secret] [secret]');
  });

  it('refuses a key of an earlier process that is none', async () => {
    const { issuer } = await named(() => ({ body: granted }), { dpop });
    expect(() => issuer.useDpopKey(new Secret('{}'))).toThrow(TypeError);
  });
});

describe('a token that a scripted issuer gives for a proof', () => {
  const presented = async (token_type: string, access_token = 'at') => {
    const { issuer } = await named(() => ({ body: { ...granted, token_type, access_token } }), { dpop });
    const { access } = await issuer.request(...request());
    return access && issuer.authorizer(access.value, access.type).authorize({ url: target, method: 'GET' });
  };

  it('is shown with a proof for the one request, and what was signed is told', async () => {
    const { headers = {}, signed } = (await presented('DPoP')) ?? {};
    expect(headers.authorization).toBe('DPoP at');
    const claims = decodeJwt(headers.dpop ?? '');
    expect(claims).toMatchObject({
      htm: 'GET',
      htu: 'https://api.example/v1/models',
      ath: createHash('sha256').update('at').digest('base64url'),
    });
    expect(signed).toEqual({ kind: 'dpop_proof', iat: claims.iat });
  });

  it('is shown as a bearer when the issuer did not bind it', async () => {
    expect(await presented('Bearer')).toEqual({ headers: { authorization: 'Bearer at' } });
  });

  it('of an earlier process is shown as what it is, as far as it tells', async () => {
    const { issuer } = await named(() => ({ body: granted }), { dpop });
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const jwt = (claims: object) => new Secret(`${part({ alg: 'none' })}.${part(claims)}.`);
    const scheme = async (token: Secret) => {
      const { headers } = await issuer.authorizer(token).authorize({ url: target, method: 'GET' });
      return headers.authorization?.split(' ')[0];
    };
    expect(await scheme(jwt({ cnf: { jkt: 'x' } }))).toBe('DPoP');
    expect(await scheme(jwt({ cnf: { 'x5t#S256': 'x' } }))).toBe('Bearer');
    expect(await scheme(jwt({}))).toBe('Bearer');
    expect(await scheme(new Secret('opaque'))).toBe('DPoP');
  });

  it('is none when its type is neither', async () => {
    const { issuer } = await named(() => ({ body: { ...granted, token_type: 'mac' } }), { dpop });
    expect((await issuer.request(...request())).observation.protocolProblem).toBe(
      'the token_type is not DPoP but "mac"',
    );
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createLabCertificates, type LabCertificates } from './certificates.ts';
import { type Issuer, type IssuerOptions, startIssuer } from './issuer.ts';
import type { LabClientId } from './issuer-clients.ts';
import type { KeyAlgorithm } from './issuer-credentials.ts';
import { consent } from './person.ts';
import {
  askForToken,
  askOverTls,
  basic,
  clientAssertion,
  signAssertion,
  signProof,
  thumbprintOf,
} from './plain-client.ts';

let certificates: LabCertificates;
let issuer: Issuer;
let token: string;
beforeAll(async () => {
  certificates = await createLabCertificates();
  issuer = await startIssuer({ certificates });
  token = `${issuer.origin}/token`;
});
afterAll(() => issuer.close());
afterEach(() => issuer.faults.clear());

async function another(options: IssuerOptions): Promise<Issuer> {
  const made = await startIssuer(options);
  onTestFinished(() => made.close());
  return made;
}

const service = { grant_type: 'client_credentials', scope: 'usage.read' };
const metadata = async (of: Issuer) => (await fetch(`${of.origin}/.well-known/oauth-authorization-server`)).json();

const dpopKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

describe('metadata', () => {
  it('names what there is, and where a certificate is asked for', async () => {
    const { mtlsOrigin } = issuer;
    expect(await metadata(issuer)).toMatchObject({
      issuer: issuer.origin,
      token_endpoint: token,
      device_authorization_endpoint: `${issuer.origin}/device/auth`,
      pushed_authorization_request_endpoint: `${issuer.origin}/request`,
      introspection_endpoint: `${issuer.origin}/token/introspection`,
      revocation_endpoint: `${issuer.origin}/token/revocation`,
      authorization_response_iss_parameter_supported: true,
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA'],
      tls_client_certificate_bound_access_tokens: true,
      mtls_endpoint_aliases: {
        token_endpoint: `${mtlsOrigin}/token`,
        introspection_endpoint: `${mtlsOrigin}/token/introspection`,
      },
      grant_types_supported: expect.arrayContaining(['urn:ietf:params:oauth:grant-type:jwt-bearer']),
    });
    expect(await metadata(await another({}))).not.toHaveProperty('mtls_endpoint_aliases');
  });

  it('can be had over https alone', async () => {
    const { origin } = await another({ certificates, httpsOnly: true });
    const url = `${origin}/.well-known/openid-configuration`;
    const { body } = await askOverTls(url, { authority: certificates.authority });
    expect(body).toMatchObject({ issuer: origin, token_endpoint: expect.stringMatching(/^https:/) });
  });
});

describe('clients that sign', () => {
  it('are known by a secret, or by a key', async () => {
    const bySecret = await signAssertion(issuer.clientSecret('lab-secret-jwt'), {
      client: 'lab-secret-jwt',
      audience: token,
    });
    expect(await askForToken(token, { ...service, ...clientAssertion(bySecret) })).toMatchObject({ status: 200 });
    for (const algorithm of ['ES256', 'EdDSA'] satisfies KeyAlgorithm[]) {
      const { jwk, pem } = issuer.clientKey('lab-key', algorithm);
      expect([pem, jwk.alg]).toEqual([expect.stringContaining('BEGIN PRIVATE KEY'), algorithm]);
      const byKey = await signAssertion(jwk, { client: 'lab-key', audience: issuer.origin });
      expect(await askForToken(token, { ...service, ...clientAssertion(byKey) })).toMatchObject({ status: 200 });
    }
  });

  it('are refused for the key of another, for a time that is not now, and for what was shown before', async () => {
    const { jwk } = issuer.clientKey('lab-key');
    const ask = async (assertion: string) =>
      (await askForToken(token, { ...service, ...clientAssertion(assertion) })).body;
    const named = { client: 'lab-key', audience: token };
    const good = await signAssertion(jwk, named);
    expect(await ask(good)).toHaveProperty('access_token');
    const refused = { error: 'invalid_client', error_description: 'client authentication failed' };
    expect(await ask(good)).toEqual(refused);
    expect(await ask(await signAssertion(issuer.clientKey('lab-assertion').jwk, named))).toEqual(refused);
    expect(await ask(await signAssertion(jwk, { ...named, ahead: 400 }))).toEqual(refused);
    expect(await ask(await signAssertion(jwk, { ...named, ahead: -400 }))).toEqual(refused);
    await issuer.faults.set('says-why');
    expect((await ask(await signAssertion(jwk, { ...named, ahead: -400 }))).error_description).toMatch(/expired/);
  });

  it('may be as far off as the tolerance says', async () => {
    const patient = await another({ clockToleranceSeconds: 500 });
    const { jwk } = patient.clientKey('lab-key');
    const late = await signAssertion(jwk, { client: 'lab-key', audience: patient.origin, ahead: -400 });
    expect(await askForToken(`${patient.origin}/token`, { ...service, ...clientAssertion(late) })).toMatchObject({
      status: 200,
    });
  });

  it('get tokens for an assertion about somebody, where they ask as RFC 7523 says', async () => {
    const { jwk } = issuer.clientKey('lab-assertion');
    const ask = async (assertion: string, scope = 'models.read') =>
      (
        await askForToken(token, {
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          client_id: 'lab-assertion',
          assertion,
          scope,
        })
      ).body;
    const about = { client: 'lab-assertion', audience: token, claims: { sub: 'somebody' } };
    const granted = await ask(await signAssertion(jwk, about));
    expect(granted).toMatchObject({ token_type: 'Bearer', expires_in: 60, scope: 'models.read' });
    expect(await issuer.introspect(String(granted.access_token))).toEqual({ active: true, scope: 'models.read' });

    const refused = { error: 'invalid_grant', error_description: 'grant request is invalid' };
    expect(await ask(await signAssertion(issuer.clientKey('lab-key').jwk, about))).toEqual(refused);
    expect(await ask(await signAssertion(jwk, { ...about, audience: 'https://elsewhere.example' }))).toEqual(refused);
    expect(await ask(await signAssertion(jwk, { ...about, ahead: -400 }))).toEqual(refused);
    expect(await ask(await signAssertion(jwk, { ...about, ahead: 400 }))).toEqual(refused);
    expect(await ask('no-jwt')).toEqual(refused);
    expect((await ask(await signAssertion(jwk, about), 'admin')).error).toBe('invalid_scope');
  });
});

describe('clients that show a certificate', () => {
  const over = (client: LabClientId, shown?: LabCertificates['client']) =>
    askOverTls(`${issuer.mtlsOrigin}/token`, {
      authority: certificates.authority,
      ...(shown ? { shown } : {}),
      form: { ...service, client_id: client },
    });

  it('are known by it, signed by the authority or by itself', async () => {
    for (const [client, shown] of [
      ['lab-tls', certificates.client],
      ['lab-self-signed', certificates.selfSigned],
    ] as const) {
      const { status, body } = await over(client, shown);
      expect(status).toBe(200);
      const known = await issuer.introspect(String(body.access_token));
      expect(known.cnf).toEqual({ 'x5t#S256': expect.any(String) });
    }
  });

  it('are refused without it, and with that of another', async () => {
    for (const shown of [undefined, certificates.selfSigned])
      expect((await over('lab-tls', shown)).body).toMatchObject({ error: 'invalid_client' });
    expect((await over('lab-self-signed', certificates.client)).body).toMatchObject({ error: 'invalid_client' });
    expect((await askForToken(token, { ...service, client_id: 'lab-tls' })).body.error).toBe('invalid_client');
  });

  it('keep their refresh tokens', async () => {
    const refresh_token = await issuer.mintRefreshToken('lab-tls-user', ['models.read']);
    const { body } = await askOverTls(`${issuer.mtlsOrigin}/token`, {
      authority: certificates.authority,
      shown: certificates.client,
      form: { grant_type: 'refresh_token', client_id: 'lab-tls-user', refresh_token },
    });
    expect(body).toMatchObject({ refresh_token: expect.any(String), token_type: 'Bearer' });
  });
});

describe('clients whose tokens are bound to a key', () => {
  const headers = () => basic('lab-dpop', issuer.clientSecret('lab-dpop'));

  it('get no token without a proof, and one of the type DPoP with it', async () => {
    expect((await askForToken(token, service, headers())).body.error).toBe('invalid_grant');
    const key = dpopKey();
    const dpop = await signProof(key, { method: 'POST', url: token });
    const { body } = await askForToken(token, service, { ...headers(), dpop });
    expect(body.token_type).toBe('DPoP');
    const { cnf } = await issuer.introspect(String(body.access_token));
    expect(cnf).toEqual({ jkt: await thumbprintOf(key) });
  });

  it('are refused for a proof of another time, without a nonce in the answer', async () => {
    const iat = Math.floor(Date.now() / 1000) - 400;
    const dpop = await signProof(dpopKey(), { method: 'POST', url: token, claims: { iat } });
    const { body, headers: told } = await askForToken(token, service, { ...headers(), dpop });
    expect([body.error, told['dpop-nonce']]).toEqual(['invalid_dpop_proof', undefined]);
  });

  it('are told a nonce where the issuer wants one, and may be late then', async () => {
    const strict = await another({ dpopNonces: true });
    const url = `${strict.origin}/token`;
    const known = basic('lab-dpop', strict.clientSecret('lab-dpop'));
    const key = dpopKey();
    const first = await askForToken(url, service, { ...known, dpop: await signProof(key, { method: 'POST', url }) });
    expect(first.body.error).toBe('use_dpop_nonce');
    const nonce = String(first.headers['dpop-nonce']);
    const dpop = await signProof(key, { method: 'POST', url, nonce, claims: { iat: 1 } });
    expect((await askForToken(url, service, { ...known, dpop })).body.token_type).toBe('DPoP');
  });

  it('have the refresh tokens of an app bound to its key', async () => {
    const key = dpopKey();
    const refresh = async (refresh_token: string, by = key) =>
      (
        await askForToken(
          token,
          { grant_type: 'refresh_token', client_id: 'lab-person-dpop', refresh_token },
          { dpop: await signProof(by, { method: 'POST', url: token }) },
        )
      ).body;
    const seed = await issuer.mintRefreshToken('lab-person-dpop', ['models.read'], await thumbprintOf(key));
    expect(await refresh(seed, dpopKey())).toMatchObject({ error: 'invalid_grant' });
    expect(await refresh(seed)).toMatchObject({ token_type: 'DPoP', refresh_token: expect.any(String) });
  });
});

describe('a request', () => {
  it('for authorization has to be pushed where the client is one that pushes', async () => {
    const { jwk } = issuer.clientKey('lab-person-pushed');
    const asked = {
      client_id: 'lab-person-pushed',
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1:1/',
      scope: 'models.read',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    };
    const plain = await consent(`${issuer.origin}/auth?${new URLSearchParams(asked)}`);
    expect(plain.searchParams.get('error')).toBe('invalid_request');

    const assertion = await signAssertion(jwk, { client: 'lab-person-pushed', audience: issuer.origin });
    const { status, body } = await askForToken(`${issuer.origin}/request`, { ...asked, ...clientAssertion(assertion) });
    expect(status).toBe(201);
    const pushed = { client_id: 'lab-person-pushed', request_uri: String(body.request_uri) };
    const redirect = await consent(`${issuer.origin}/auth?${new URLSearchParams(pushed)}`);
    expect(redirect.searchParams.get('code')).toEqual(expect.any(String));
  });

  it('may name the resource that the token is for', async () => {
    const audienceOf = async (resource?: string) => {
      const form = { ...service, ...(resource === undefined ? {} : { resource }) };
      const { body } = await askForToken(token, form, basic('lab-jwt', issuer.clientSecret('lab-jwt')));
      if (body.error !== undefined) return body.error;
      const [, payload = ''] = String(body.access_token).split('.');
      return JSON.parse(Buffer.from(payload, 'base64url').toString()).aud;
    };
    expect(await audienceOf()).toBe('urn:sonde:lab:api');
    expect(await audienceOf('https://reports.lab.example/')).toBe('https://reports.lab.example/');
    expect(await audienceOf('https://elsewhere.example/')).toBe('invalid_target');
  });

  it('is taken as JSON where JSON alone is taken, with the audience in place of a resource', async () => {
    const json = (body: string, type = 'application/json') =>
      fetch(`${issuer.origin}/json/token`, { method: 'POST', headers: { 'content-type': type }, body });
    const members = { ...service, client_id: 'lab-post', client_secret: issuer.clientSecret('lab-post') };
    const granted = await json(JSON.stringify({ ...members, audience: 'urn:sonde:lab:reports' }));
    expect(await granted.json()).toMatchObject({ token_type: 'Bearer', scope: 'usage.read' });
    expect(await (await json(JSON.stringify({ ...members, client_secret: 'wrong' }))).json()).toMatchObject({
      error: 'invalid_client',
    });
    for (const refused of [await json('{"half":'), await json('grant_type=x', 'application/x-www-form-urlencoded')])
      expect([refused.status, await refused.json()]).toEqual([
        400,
        expect.objectContaining({ error: 'invalid_request' }),
      ]);
  });

  it('can ask of a token, and can end it', async () => {
    const known = basic('lab-service', issuer.clientSecret('lab-service'));
    const { body } = await askForToken(token, service, known);
    const shown = { token: String(body.access_token) };
    const introspected = () => askForToken(`${issuer.origin}/token/introspection`, shown, known);
    expect((await introspected()).body).toMatchObject({ active: true, client_id: 'lab-service', scope: 'usage.read' });
    await fetch(`${issuer.origin}/token/revocation`, {
      method: 'POST',
      headers: known,
      body: new URLSearchParams(shown),
    });
    expect((await introspected()).body).toEqual({ active: false });
    expect(issuer.requests('/token/introspection')).toBe(2);
    expect(issuer.requests('/token/revocation')).toBe(1);
    expect(issuer.requests('/never')).toBe(0);
  });
});

describe('clients without one', () => {
  it('have no secret and no key to give', () => {
    expect(() => issuer.clientSecret('lab-public')).toThrow(RangeError);
    expect(() => issuer.clientKey('lab-public')).toThrow(RangeError);
  });
});

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ClientAuthName, ClientCertificate, TokenDefinition } from '../../../src/model/check.ts';
import { Secret } from '../../../src/model/secret.ts';
import { createLabCertificates, type LabCertificates } from '../../lab/certificates.ts';
import type { LabClientId } from '../../lab/issuer-clients.ts';
import type { TestCertificate } from '../../support/certificates.ts';
import { client, granted, named, request } from '../issuer-lab.ts';
import { definition, labDefinition, labIssuer } from '../token-lab.ts';

const shown = ({ certificate, key }: TestCertificate): ClientCertificate => ({ certificate, key: new Secret(key) });
const pkcs8 = (type: 'rsa' | 'ed25519') => {
  const { privateKey } =
    type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  return new Secret(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
};

describe('a certified issuer knows a client', () => {
  it('by a JWT that is signed with its secret', async () => {
    const lab = await labIssuer();
    const { access, observation } = await client(labDefinition(lab, 'lab-secret-jwt')).issuer.request(...request());
    expect(await lab.introspect(access?.value.reveal() ?? '')).toMatchObject({ active: true });
    expect(observation.signed).toEqual([
      { kind: 'client_assertion', iat: expect.any(Number), nbf: expect.any(Number), exp: expect.any(Number) },
    ]);
  });

  it.each([
    ['a JWK with ES256', 'ES256', 'jwk'],
    ['a JWK with EdDSA', 'EdDSA', 'jwk'],
    ['PEM with ES256', 'ES256', 'pem'],
    ['PEM with EdDSA', 'EdDSA', 'pem'],
  ] as const)('by a JWT that is signed with its private key, %s', async (_form, algorithm, form) => {
    const lab = await labIssuer();
    const { jwk, pem } = lab.clientKey('lab-key', algorithm);
    const key = new Secret(form === 'jwk' ? JSON.stringify(jwk) : pem);
    const wanted = labDefinition(lab, 'lab-key', {
      signingKey: { key, ...(form === 'pem' && { keyId: `lab-key-${algorithm}` }) },
    });
    const { issuer } = client(wanted);
    // Each assertion is taken once: the second one has to be another.
    for (let turn = 0; turn < 2; turn++) expect((await issuer.request(...request())).access).toBeDefined();
  });

  it('by the audience that is configured, and refuses one that is not its own', async () => {
    const lab = await labIssuer();
    const to = (clientAssertionAudience: string) =>
      client(labDefinition(lab, 'lab-key', { clientAssertionAudience })).issuer.request(...request());
    expect((await to(`${lab.origin}/token`)).access).toBeDefined();
    expect((await to('https://other.example')).observation).toMatchObject({
      status: 401,
      error: 'invalid_client',
      signed: [{ kind: 'client_assertion' }],
    });
  });
});

describe('a certified issuer knows a client by its certificate', () => {
  let certificates: LabCertificates;
  beforeAll(async () => {
    certificates = await createLabCertificates();
  });

  it.each<[LabClientId, 'client' | 'selfSigned']>([
    ['lab-tls', 'client'],
    ['lab-self-signed', 'selfSigned'],
  ])('and binds the tokens of %s to it', async (id, which) => {
    const lab = await labIssuer({ accessTokenSeconds: 600, certificates });
    const clientCertificate = shown(certificates[which]);
    const { issuer } = client(labDefinition(lab, id, { ca: certificates.authority, clientCertificate }));
    const { access, observation } = await issuer.request(...request());
    expect(observation.url).toBe(`${lab.mtlsOrigin}/token`);
    const token = access?.value ?? new Secret('');
    expect(await lab.introspect(token.reveal())).toMatchObject({ cnf: { 'x5t#S256': expect.any(String) } });
    const target = { url: new URL('https://api.example/'), method: 'GET' };
    expect(await issuer.authorizer(token).authorize(target)).toEqual({
      headers: { authorization: `Bearer ${token.reveal()}` },
      clientCertificate,
    });
  });

  it('and refuses another one', async () => {
    const lab = await labIssuer({ accessTokenSeconds: 600, certificates });
    const clientCertificate = shown(certificates.selfSigned);
    const { issuer } = client(labDefinition(lab, 'lab-tls', { ca: certificates.authority, clientCertificate }));
    expect((await issuer.request(...request())).observation).toMatchObject({ status: 401, error: 'invalid_client' });
  });

  it('once the client trusts the issuer', async () => {
    const lab = await labIssuer({ accessTokenSeconds: 600, certificates, httpsOnly: true });
    const { issuer } = client(labDefinition(lab, 'lab-service'));
    expect((await issuer.request(...request())).observation.failure).toMatchObject({ phase: 'tls' });
    const trusting = client(labDefinition(lab, 'lab-service', { ca: certificates.authority }));
    expect((await trusting.issuer.request(...request())).access).toBeDefined();
  });
});

describe('an assertion that a scripted issuer gets', () => {
  it('is of a life of one minute, made anew each time, and names its audience', async () => {
    const clientSecret = new Secret(randomBytes(32).toString('hex'));
    const { issuer, requests, origin, system } = await named(() => ({ body: granted }), {
      clientAuth: 'client_secret_jwt',
      clientSecret,
    });
    await issuer.request(...request());
    await issuer.request(...request());
    const [first, second] = requests.map(({ form }) => form.client_assertion ?? '');
    const { payload, protectedHeader } = await jwtVerify(first ?? '', Buffer.from(clientSecret.reveal()));
    const iat = Math.floor(system.clock.wallMs() / 1000);
    expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT' });
    // Without an issuer, the token endpoint is the audience.
    const parties = { iss: 'client', sub: 'client', aud: `${origin}/token` };
    expect(payload).toEqual({ ...parties, iat, nbf: iat, exp: iat + 60, jti: expect.any(String) });
    expect(decodeJwt(second ?? '').jti).not.toBe(payload.jti);
    expect(requests[0]?.form).toMatchObject({
      client_id: 'client',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
  });

  it.each([
    ['RS256', {}],
    ['PS384', { algorithm: 'PS384' }],
  ])('is signed with a key of RSA by %s', async (algorithm, wish) => {
    const signingKey = { key: pkcs8('rsa'), keyId: 'k1', ...wish };
    const { issuer, requests } = await named(() => ({ body: granted }), { clientAuth: 'private_key_jwt', signingKey });
    await issuer.request(...request());
    expect(decodeProtectedHeader(requests[0]?.form.client_assertion ?? '')).toEqual({
      alg: algorithm,
      kid: 'k1',
      typ: 'JWT',
    });
  });

  it('is not shown when the issuer repeats it', async () => {
    const { issuer } = await named(
      ({ form }) => ({
        status: 400,
        body: { error: 'invalid_client', error_description: `no: ${form.client_assertion}` },
      }),
      { clientAuth: 'private_key_jwt', signingKey: { key: pkcs8('ed25519') } },
    );
    expect((await issuer.request(...request())).observation.errorDescription).toBe('no: [secret]');
  });
});

describe('a definition that validation would have refused', () => {
  it.each<[ClientAuthName, Partial<TokenDefinition>, string]>([
    ['client_secret_basic', {}, 'needs a client secret'],
    ['client_secret_post', {}, 'needs a client secret'],
    ['client_secret_jwt', {}, 'needs a client secret'],
    ['private_key_jwt', {}, 'needs a private key'],
    ['private_key_jwt', { signingKey: { key: new Secret('no key') } }, 'neither PEM nor a JWK'],
    ['private_key_jwt', { signingKey: { key: pkcs8('ed25519'), algorithm: 'RS256' } }, 'cannot sign by RS256'],
    ['tls_client_auth', {}, 'needs a client certificate'],
    ['self_signed_tls_client_auth', {}, 'needs a client certificate'],
  ])('is no client: %s with %j', (clientAuth, members, words) => {
    const wanted = definition({ issuer: 'https://issuer.example', clientAuth, ...members });
    expect(() => client(wanted)).toThrow(TypeError);
    expect(() => client(wanted)).toThrow(words);
  });

  it('is no client: a key on a curve that no algorithm is for', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    const key = new Secret(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    const wanted = definition({ issuer: 'https://issuer.example', clientAuth: 'private_key_jwt', signingKey: { key } });
    expect(() => client(wanted)).toThrow('a private key that is ec secp256k1 cannot sign by no JWS algorithm');
  });
});

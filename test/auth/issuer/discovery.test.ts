import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { diagnoseTokenRun } from '../../../src/diagnosis/diagnose-token-run.ts';
import { causeOf } from '../../../src/model/cause.ts';
import type { TokenDefinition } from '../../../src/model/check.ts';
import { Secret } from '../../../src/model/secret.ts';
import { createTestAuthority } from '../../support/certificates.ts';
import { client, granted, request, tokenRun } from '../issuer-lab.ts';
import { type Answer, scriptedIssuer } from '../scripted-issuer.ts';
import { definition } from '../token-lab.ts';

describe('discovery', () => {
  const metadata = (origin: string, members: object = {}) => ({
    issuer: origin,
    token_endpoint: `${origin}/token`,
    ...members,
  });
  const discovered = async (
    answers: (origin: string) => Record<string, Answer>,
    members: Partial<TokenDefinition> = {},
  ) => {
    const table = new Map<string, Answer>();
    const server = await scriptedIssuer(({ path }) => table.get(path) ?? { status: 404, body: 'nothing here' });
    for (const [path, answer] of Object.entries(answers(server.origin))) table.set(path, answer);
    const wanted = definition({ issuer: server.origin, clientSecret: new Secret('s3cret'), ...members });
    return { ...server, ...client(wanted) };
  };
  const oauth = '/.well-known/oauth-authorization-server';
  const oidc = '/.well-known/openid-configuration';

  it('asks by OpenID Connect where RFC 8414 finds nothing, and there first from then on', async () => {
    const { issuer, requests, origin, system } = await discovered((at) => ({
      [oidc]: { body: metadata(at) },
      '/token': { body: granted },
    }));
    await issuer.request(...request());
    await system.clock.advance(3_600_000);
    const { observation } = await issuer.request(...request());
    expect(requests.map(({ path }) => path)).toEqual([oauth, oidc, '/token', oidc, '/token']);
    expect(observation.url).toBe(`${origin}/token`);
  });

  it('goes on past a page for people that stands where metadata would', async () => {
    const { issuer } = await discovered((at) => ({
      [oauth]: { body: '<html>' },
      [oidc]: { body: metadata(at) },
      '/token': { body: granted },
    }));
    expect((await issuer.request(...request())).access).toBeDefined();
  });

  it('takes an issuer with a path, and puts the well-known part where each standard has it', async () => {
    const server = await scriptedIssuer(() => ({ status: 404 }));
    const { issuer } = client(definition({ issuer: `${server.origin}/tenant`, clientAuth: 'none' }));
    await issuer.request(...request());
    expect(server.requests.map(({ path }) => path)).toEqual([`${oauth}/tenant`, `/tenant${oidc}`]);
  });

  it.each<[string, (origin: string) => object, string]>([
    [
      'another issuer',
      (at) => metadata(at, { issuer: 'https://evil.example' }),
      'names another issuer, https://evil.example/',
    ],
    ['no issuer', (at) => metadata(at, { issuer: undefined }), 'names no issuer'],
    ['no token endpoint', (at) => metadata(at, { token_endpoint: undefined }), 'names no token endpoint'],
    [
      'a token endpoint that is no address',
      (at) => metadata(at, { token_endpoint: 'javascript:0' }),
      'names no token endpoint',
    ],
    [
      'a token endpoint of plain http',
      (at) => metadata(at, { token_endpoint: 'http://far.example/t' }),
      'of plain http',
    ],
  ])('refuses metadata with %s', async (_what, body, words) => {
    const { issuer, requests } = await discovered((at) => ({ [oauth]: { body: body(at) } }));
    const { observation, spent } = await issuer.request(...request());
    expect(observation.endpoint).toBe('discovery');
    expect(observation.protocolProblem).toContain(words);
    expect(observation.protocolProblem).toContain(`${oidc} answered 404`);
    expect(spent).toBe('no');
    expect(requests).toHaveLength(2);
  });

  it('takes a token endpoint of plain http where the configuration allows it', async () => {
    const { issuer } = await discovered(
      (at) => ({ [oauth]: { body: metadata(at, { token_endpoint: 'http://sonde-test.invalid/token' }) } }),
      { allowHttp: true },
    );
    expect((await issuer.request(...request())).observation).toMatchObject({
      endpoint: 'token',
      failure: { phase: 'resolve' },
    });
  });

  it.each([500, 502, 503])('goes on past a document that fails by %i, as one that a router lacks', async (status) => {
    const { issuer } = await discovered((at) => ({
      [oauth]: { status },
      [oidc]: { body: metadata(at) },
      '/token': { body: granted },
    }));
    expect((await issuer.request(...request())).access).toBeDefined();
  });

  it.each<[string, string, string]>([
    ['first', oauth, oidc],
    ['second', oidc, oauth],
  ])('is of an issuer that fails where the %s document does and there is no other', async (_which, failing, absent) => {
    const { issuer, origin, requests } = await discovered((at) => ({
      [failing]: { status: 503, headers: { 'retry-after': '9' } },
      [absent]: { body: metadata(at, { issuer: 'https://other.example' }) },
    }));
    const { observation, retryAfterMs } = await issuer.request(...request());
    expect(observation).toMatchObject({ endpoint: 'discovery', url: origin + failing, status: 503 });
    expect(causeOf(diagnoseTokenRun(observation))?.code).toBe('issuer_unavailable');
    expect(retryAfterMs).toBe(9000);
    expect(requests).toHaveLength(2);
  });

  it('does not ask a second time an issuer that does not answer at all', async () => {
    const server = await scriptedIssuer((_request, response) => {
      response.destroy();
      return undefined;
    });
    const { issuer } = client(definition({ issuer: server.origin, clientAuth: 'none' }));
    expect((await issuer.request(...request())).observation.failure).toMatchObject({ phase: 'wait' });
    expect(server.requests).toHaveLength(1);
  });

  it('does not ask a second time an issuer that is asked too much', async () => {
    const { issuer, requests } = await discovered(() => ({
      [oauth]: { status: 429, headers: { 'retry-after': '9' } },
    }));
    const { observation, retryAfterMs } = await issuer.request(...request());
    expect(observation).toMatchObject({ endpoint: 'discovery', status: 429, headers: { 'retry-after': '9' } });
    expect(retryAfterMs).toBe(9000);
    expect(requests).toHaveLength(1);
  });

  it.each([404, 405, 410])('is made anew after the token endpoint has answered %i', async (status) => {
    const { issuer, requests } = await discovered((at) => ({ [oauth]: { body: metadata(at) }, '/token': { status } }));
    await issuer.request(...request());
    await issuer.request(...request());
    expect(requests.map(({ path }) => path)).toEqual([oauth, '/token', oauth, '/token']);
  });

  it('follows no redirect, however many there are', async () => {
    const { issuer, requests } = await discovered((at) => ({
      [oauth]: { status: 302, headers: { location: `${at}${oauth}` } },
      [oidc]: { status: 302, headers: { location: `${at}${oidc}` } },
    }));
    const { observation } = await issuer.request(...request());
    expect(observation).toMatchObject({ status: 302, protocolProblem: expect.stringContaining('answered 302') });
    expect(requests).toHaveLength(2);
  });

  it('finds the endpoints that are not configured, for an issuer whose metadata names no token endpoint', async () => {
    const { issuer, requests } = await discovered(
      (at) => ({
        [oauth]: { body: metadata(at, { token_endpoint: undefined, introspection_endpoint: `${at}/introspect` }) },
        '/introspect': { body: { active: true } },
      }),
      { endpoints: { token: 'http://127.0.0.1:1/moved-below' } },
    );
    expect(await issuer.introspect(tokenRun(), new Secret('at'))).toBe('active');
    // What is configured is asked without discovery, and wins over what is discovered.
    expect((await issuer.request(...request())).observation.url).toBe('http://127.0.0.1:1/moved-below');
    expect(await issuer.introspect(tokenRun(), new Secret('at'))).toBe('active');
    expect(requests.map(({ path }) => path)).toEqual([oauth, '/introspect', oauth, '/introspect']);
  });

  it('tells of an endpoint that is missing, also when the metadata is remembered', async () => {
    const { issuer } = await discovered((at) => ({ [oauth]: { body: metadata(at) }, '/token': { body: granted } }));
    await issuer.request(...request());
    expect(await issuer.deviceAuthorization(tokenRun())).toEqual({
      observation: {
        grant: 'client_credentials',
        phases: {},
        protocolProblem: 'the metadata of the issuer names no device authorization endpoint',
      },
    });
    expect(await issuer.revoke(tokenRun(), new Secret('at'), 'access_token')).toEqual({ kind: 'unsupported' });
  });

  it('takes the endpoints for clients with a certificate where the client has one', async () => {
    const aliases = (at: string) => ({
      [oauth]: {
        body: metadata(at, {
          introspection_endpoint: `${at}/introspect`,
          mtls_endpoint_aliases: { token_endpoint: `${at}/mtls/token` },
        }),
      },
      '/introspect': { body: { active: true } },
    });
    const plain = await discovered(aliases);
    expect((await plain.issuer.request(...request())).observation.url).toBe(`${plain.origin}/token`);
    const { certificate, key } = await (await createTestAuthority()).issue({ isClient: true });
    const { issuer, origin } = await discovered(aliases, {
      clientAuth: 'tls_client_auth',
      clientCertificate: { certificate, key: new Secret(key) },
    });
    expect((await issuer.request(...request())).observation.url).toBe(`${origin}/mtls/token`);
    // An endpoint without an alias is the same for all.
    expect(await issuer.introspect(tokenRun(), new Secret('at'))).toBe('active');
  });

  it('learns how the issuer spells itself, for the audience of assertions and for iss', async () => {
    const server = await scriptedIssuer(({ path }) => (path === oauth ? { body: described() } : { body: granted }));
    const described = () => ({
      issuer: `${server.origin}/`,
      token_endpoint: `${server.origin}/token`,
      authorization_endpoint: `${server.origin}/authorize`,
      authorization_response_iss_parameter_supported: true,
    });
    const { issuer } = client(
      definition({ issuer: server.origin, clientAuth: 'client_secret_jwt', clientSecret: new Secret('s3cret') }),
    );
    await issuer.request(...request());
    expect(decodeJwt(server.requests.at(-1)?.form.client_assertion ?? '').aud).toBe(`${server.origin}/`);
    const login = { redirectUri: 'http://127.0.0.1:1/', state: 's', codeVerifier: new Secret('v') };
    expect(await issuer.authorization(tokenRun(), login)).toMatchObject({ iss: `${server.origin}/` });
  });
});

import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import type { AuthorizationAnswer, Issuer } from '../../../src/auth/issuer.ts';
import type { TokenDefinition } from '../../../src/model/check.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { LabClientId } from '../../lab/issuer-clients.ts';
import { consent } from '../../lab/person.ts';
import { client, named, tokenRun } from '../issuer-lab.ts';
import { type Answer, scriptedIssuer } from '../scripted-issuer.ts';
import { definition, labDefinition, labIssuer } from '../token-lab.ts';

const redirectUri = 'http://127.0.0.1:53001/callback';
const codeVerifier = new Secret('verifier-0123456789-0123456789-0123456789-0123456789');
const ask = (issuer: Issuer) => issuer.authorization(tokenRun(), { redirectUri, state: 'st4te', codeVerifier });

function begun(answer: AuthorizationAnswer) {
  if ('observation' in answer) throw new Error(`no address: ${JSON.stringify(answer.observation)}`);
  return { ...answer, query: Object.fromEntries(answer.url.searchParams) };
}

describe('a person at a certified issuer', () => {
  it.each<LabClientId>(['lab-person-app', 'lab-person-web', 'lab-person-pushed', 'lab-person-dpop'])(
    'consents to %s, whose code brings a token',
    async (id) => {
      const lab = await labIssuer();
      const login = { pushed: id === 'lab-person-pushed', parameters: {} };
      const { issuer } = client(labDefinition(lab, id, { scopes: ['models.read', 'usage.read'], login }));
      const { url, iss } = begun(await ask(issuer));
      const redirect = await consent(url);
      expect(redirect.searchParams.get('state')).toBe('st4te');
      expect(redirect.searchParams.get('iss')).toBe(iss);
      const code = new Secret(redirect.searchParams.get('code') ?? '');
      const what = { grant: 'authorization_code', code, redirectUri, codeVerifier } as const;
      const { access, refreshToken } = await issuer.request(tokenRun(), what);
      expect(access?.scopes).toEqual(['models.read', 'usage.read']);
      expect(refreshToken).toBeDefined();
      // The same code is refused, and spends nothing.
      const again = await issuer.request(tokenRun(), what);
      expect(again.observation.error).toBe('invalid_grant');
      expect(again.spent).toBe('no');
    },
  );

  it('is sent with all that is asked for where it is not pushed', async () => {
    const lab = await labIssuer();
    const { issuer } = client(
      labDefinition(lab, 'lab-person-dpop', {
        resources: ['https://reports.lab.example/'],
        audience: 'reports',
        login: { pushed: false, parameters: { prompt: 'consent', login_hint: 'a b' } },
      }),
    );
    const { url, query } = begun(await ask(issuer));
    const own = JSON.parse((await issuer.dpopKey())?.reveal() ?? '') as JWK;
    expect(url.origin + url.pathname).toBe(`${lab.origin}/auth`);
    expect(query).toEqual({
      prompt: 'consent',
      login_hint: 'a b',
      scope: 'models.read',
      audience: 'reports',
      resource: 'https://reports.lab.example/',
      response_type: 'code',
      client_id: 'lab-person-dpop',
      redirect_uri: redirectUri,
      state: 'st4te',
      code_challenge: createHash('sha256').update(codeVerifier.reveal()).digest('base64url'),
      code_challenge_method: 'S256',
      dpop_jkt: await calculateJwkThumbprint(own),
    });
  });

  it('is sent with a reference alone where it is pushed', async () => {
    const lab = await labIssuer();
    const { issuer } = client(labDefinition(lab, 'lab-person-app', { login: { pushed: true, parameters: {} } }));
    const { query } = begun(await ask(issuer));
    expect(query).toEqual({ client_id: 'lab-person-app', request_uri: expect.stringMatching(/^urn:/) });
    expect(lab.requests('/request')).toBe(1);
  });

  it('is not sent at all when the issuer refuses what is pushed', async () => {
    const lab = await labIssuer();
    const login = { pushed: true, parameters: { prompt: 'of no kind' } };
    const { issuer } = client(labDefinition(lab, 'lab-person-app', { login }));
    expect(await ask(issuer)).toMatchObject({
      observation: { grant: 'authorization_code', endpoint: 'pushed_authorization_request', error: 'invalid_request' },
    });
  });

  it('is not sent at all while the issuer is down', async () => {
    const lab = await labIssuer();
    await lab.faults.set('down');
    const { issuer } = client(labDefinition(lab, 'lab-person-app'));
    expect(await ask(issuer)).toMatchObject({ observation: { endpoint: 'discovery', failure: { phase: 'connect' } } });
  });
});

describe('an authorization request to a scripted issuer', () => {
  const wellKnown = '/.well-known/oauth-authorization-server';

  const described = async (
    members: (origin: string) => object,
    answer: Answer = {},
    wanted: Partial<TokenDefinition> = {},
  ) => {
    const { origin, requests } = await scriptedIssuer(({ path }) =>
      path === wellKnown ? { body: { issuer: origin, token_endpoint: `${origin}/token`, ...members(origin) } } : answer,
    );
    const { issuer } = client(definition({ issuer: origin, clientAuth: 'none', ...wanted }));
    return { origin, requests, issuer };
  };
  const endpoints = (origin: string) => ({
    authorization_endpoint: `${origin}/authorize?tenant=a`,
    pushed_authorization_request_endpoint: `${origin}/par`,
  });

  it('keeps the query of the endpoint, and expects no iss that nobody promised', async () => {
    const { issuer } = await described(endpoints);
    const { query, ...answer } = begun(await ask(issuer));
    expect(query).toMatchObject({ tenant: 'a', client_id: 'client' });
    expect(query).not.toHaveProperty('scope');
    expect(answer).not.toHaveProperty('iss');
  });

  it('is pushed where the issuer takes no other', async () => {
    const { issuer, requests } = await described(
      (origin) => ({ ...endpoints(origin), require_pushed_authorization_requests: true }),
      { status: 201, body: { request_uri: 'urn:r', expires_in: 60 } },
    );
    const { query } = begun(await ask(issuer));
    expect(query).toEqual({ tenant: 'a', client_id: 'client', request_uri: 'urn:r' });
    expect(requests.at(-1)).toMatchObject({ path: '/par', form: { state: 'st4te', code_challenge_method: 'S256' } });
  });

  const configured = { endpoints: { authorization: 'https://login.example/start', token: 'https://login.example/t' } };

  it('goes to the endpoint that is configured, and keeps to what the issuer promises and requires all the same', async () => {
    const { issuer, origin, requests } = await described(
      (at) => ({
        ...endpoints(at),
        authorization_response_iss_parameter_supported: true,
        require_pushed_authorization_requests: true,
      }),
      { status: 201, body: { request_uri: 'urn:r', expires_in: 60 } },
      configured,
    );
    const { url, iss, query } = begun(await ask(issuer));
    expect(url.origin).toBe('https://login.example');
    expect(iss).toBe(origin);
    expect(query).toEqual({ client_id: 'client', request_uri: 'urn:r' });
    expect(requests.map(({ path }) => path)).toEqual([wellKnown, '/par']);
  });

  it('does not begin while nobody knows what a configured issuer promises', async () => {
    const { origin } = await scriptedIssuer(() => ({ status: 404 }));
    const { issuer } = client(definition({ issuer: origin, clientAuth: 'none', ...configured }));
    expect(await ask(issuer)).toMatchObject({
      observation: {
        endpoint: 'discovery',
        protocolProblem: expect.stringMatching(/^discovery found no metadata of the issuer: .* answered 404; /),
      },
    });
  });

  it('asks for no metadata where no issuer is configured', async () => {
    const { issuer } = client(definition({ clientAuth: 'none', ...configured }));
    const answer = begun(await ask(issuer));
    expect(answer.url.origin).toBe('https://login.example');
    expect(answer).not.toHaveProperty('iss');
  });

  const pushed = { login: { pushed: true, parameters: {} } };

  it.each<[string, (origin: string) => object, Answer, Partial<TokenDefinition>, object]>([
    [
      'without an authorization endpoint',
      () => ({}),
      {},
      {},
      { endpoint: 'discovery', protocolProblem: 'the metadata of the issuer names no authorization endpoint' },
    ],
    [
      'with an authorization endpoint of plain http',
      () => ({ authorization_endpoint: 'http://far.example/a' }),
      {},
      {},
      {
        protocolProblem:
          'the metadata of the issuer names an authorization endpoint of plain http, http://far.example/a',
      },
    ],
    [
      'without an endpoint to push to',
      (origin) => ({ authorization_endpoint: `${origin}/authorize` }),
      {},
      pushed,
      { protocolProblem: 'the metadata of the issuer names no pushed authorization request endpoint' },
    ],
    [
      'that answers a push by a page',
      endpoints,
      { body: '<html>' },
      pushed,
      {
        endpoint: 'pushed_authorization_request',
        bodyStart: '<html>',
        protocolProblem: 'the answer is not a JSON object',
      },
    ],
    [
      'that answers a push without a reference',
      endpoints,
      { body: { expires_in: 1 } },
      pushed,
      { protocolProblem: 'the answer has no request_uri' },
    ],
  ])('has no address at one %s', async (_what, members, answer, wanted, seen) => {
    const { issuer } = await described(members, answer, wanted);
    expect(await ask(issuer)).toMatchObject({ observation: seen });
  });

  it('has no address where neither an endpoint nor an issuer is configured', async () => {
    const { issuer } = await named(() => ({}));
    expect(await ask(issuer)).toEqual({
      observation: {
        grant: 'client_credentials',
        phases: {},
        protocolProblem: 'no authorization endpoint is configured, and no issuer that could name one',
      },
    });
  });

  it('shows nothing of the verifier when the issuer repeats it', async () => {
    const { issuer } = await described(endpoints, { status: 400, body: `no: ${codeVerifier.reveal()}` }, pushed);
    expect(await ask(issuer)).toMatchObject({ observation: { bodyStart: 'no: [secret]' } });
  });
});

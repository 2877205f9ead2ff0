import { describe, expect, it } from 'vitest';
import type { TokenDefinition } from '../../src/model/check.ts';
import { Secret } from '../../src/model/secret.ts';
import { client, granted, request } from './issuer-lab.ts';
import { type Answer, scriptedIssuer } from './scripted-issuer.ts';
import { definition } from './token-lab.ts';

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

  it('does not ask a failing issuer a second time', async () => {
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
});

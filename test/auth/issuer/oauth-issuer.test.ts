import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/model/secret.ts';
import { PermitRefused } from '../../../src/net/limiter.ts';
import { createMasker } from '../../../src/secrets/mask.ts';
import type { LabClientId } from '../../lab/issuer-clients.ts';
import { settle } from '../../support/virtual-system.ts';
import { client, granted, named, request, runId } from '../issuer-lab.ts';
import { scriptedIssuer } from '../scripted-issuer.ts';
import { definition, labDefinition, labIssuer } from '../token-lab.ts';

describe('a certified issuer', () => {
  it.each<LabClientId>(['lab-service', 'lab-post', 'lab-jwt'])(
    'grants a token to %s for its credentials',
    async (id) => {
      const lab = await labIssuer();
      const { access, observation, spent } = await client(labDefinition(lab, id)).issuer.request(...request());
      expect(access).toMatchObject({ expiresInMs: 600_000, scopes: ['models.read'] });
      expect(await lab.introspect(access?.value.reveal() ?? '')).toEqual({ active: true, scope: 'models.read' });
      expect(observation).toMatchObject({ grant: 'client_credentials', endpoint: 'token', status: 200 });
      expect(observation.granted).toEqual({ expiresInMs: 600_000, scopes: ['models.read'] });
      expect(spent).toBe('yes');
    },
  );

  it.each<LabClientId>(['lab-user', 'lab-public'])(
    'takes a refresh token of %s and gives its successor',
    async (id) => {
      const lab = await labIssuer();
      const seed = await lab.mintRefreshToken(id, ['models.read', 'usage.read']);
      const { issuer } = client(labDefinition(lab, id));
      const answer = await issuer.request(...request({ refreshToken: new Secret(seed) }));
      expect(answer.access?.scopes).toEqual(['models.read']);
      expect(answer.refreshToken?.reveal()).not.toBe(seed);
    },
  );

  it('names what it refuses', async () => {
    const lab = await labIssuer();
    const wrong = labDefinition(lab, 'lab-service', { clientSecret: new Secret('wrong') });
    expect((await client(wrong).issuer.request(...request())).observation).toMatchObject({
      status: 401,
      error: 'invalid_client',
    });
    const greedy = labDefinition(lab, 'lab-service', { scopes: ['admin'] });
    expect((await client(greedy).issuer.request(...request())).observation).toMatchObject({
      status: 400,
      error: 'invalid_scope',
    });
    const { issuer } = client(labDefinition(lab, 'lab-user'));
    const { observation, spent } = await issuer.request(...request({ refreshToken: new Secret('unknown') }));
    expect(observation).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(spent).toBe('no');
  });

  it('is asked for its metadata once an hour', async () => {
    const lab = await labIssuer();
    const { issuer, system } = client(labDefinition(lab, 'lab-service'));
    const metadata = '/.well-known/oauth-authorization-server';
    const queue = async () => (await issuer.request(...request())).observation.url;
    expect(await queue()).toBe(`${lab.origin}/token`);
    await system.clock.advance(3_599_999);
    expect(await queue()).toBe(`${lab.origin}/token`);
    expect(lab.requests(metadata)).toBe(1);
    await system.clock.advance(1);
    expect(await queue()).toBe(`${lab.origin}/token`);
    expect(lab.requests(metadata)).toBe(2);
  });

  it('that is down is seen as a refused connection', async () => {
    const lab = await labIssuer();
    await lab.faults.set('down');
    const { observation, spent } = await client(labDefinition(lab, 'lab-service')).issuer.request(...request());
    expect(observation).toMatchObject({ endpoint: 'discovery', failure: { code: 'ECONNREFUSED', phase: 'connect' } });
    expect(spent).toBe('no');
  });

  it('that works and then says nothing leaves open whether a refresh token is spent', async () => {
    const lab = await labIssuer();
    const seed = await lab.mintRefreshToken('lab-user', ['models.read']);
    await lab.faults.set('cut-answer');
    const { issuer } = client(labDefinition(lab, 'lab-user'));
    const { spent, observation } = await issuer.request(...request({ refreshToken: new Secret(seed) }));
    expect(spent).toBe('unclear');
    expect(observation.failure).toBeDefined();
  });
});

describe('a token request', () => {
  it('carries our own headers, asks for JSON and has its phases measured', async () => {
    const { issuer, requests } = await named(() => ({ body: granted }), { scopes: ['a', 'b'] });
    const { observation } = await issuer.request(...request());
    expect(requests[0]).toMatchObject({
      method: 'POST',
      headers: { 'user-agent': 'sonde/test', accept: 'application/json', traceparent: expect.stringContaining(runId) },
      form: { grant_type: 'client_credentials', scope: 'a b' },
    });
    expect(Object.keys(observation.phases)).toEqual(
      expect.arrayContaining(['queue', 'connect', 'request', 'wait', 'transfer']),
    );
  });

  it('keeps characters of ids that issuers fail to decode, and encodes the others', async () => {
    const { issuer, requests } = await named(() => ({ body: granted }), {
      clientId: 'a-b.c_d:e',
      clientSecret: new Secret('p w%ü'),
    });
    await issuer.request(...request());
    const [, pair = ''] = requests[0]?.headers.authorization?.split(' ') ?? [];
    expect(Buffer.from(pair, 'base64').toString()).toBe('a-b.c_d%3Ae:p+w%25%C3%BC');
  });

  it('shows a public client by its id alone', async () => {
    const { issuer, requests } = await named(() => ({ body: granted }), { clientAuth: 'none' });
    await issuer.request(...request({ refreshToken: new Secret('rt') }));
    expect(requests[0]?.form).toEqual({ client_id: 'client', grant_type: 'refresh_token', refresh_token: 'rt' });
    expect(requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('is granted what was asked for when the issuer names no scopes', async () => {
    const asking = await named(() => ({ body: granted }), { scopes: ['a'] });
    expect((await asking.issuer.request(...request())).access?.scopes).toEqual(['a']);
    const narrowed = await named(() => ({ body: { ...granted, scope: '' } }), { scopes: ['a'] });
    expect((await narrowed.issuer.request(...request())).access?.scopes).toEqual([]);
    const silent = await named(() => ({ body: granted }));
    expect((await silent.issuer.request(...request())).access).not.toHaveProperty('scopes');
  });

  it('follows no redirect', async () => {
    const { issuer, requests } = await named(() => ({ status: 307, headers: { location: '/elsewhere' } }));
    const { observation } = await issuer.request(...request());
    expect(observation).toMatchObject({ status: 307, protocolProblem: expect.stringContaining('redirect') });
    expect(requests).toHaveLength(1);
  });

  it('keeps the evidence of a 401 with a challenge, of a page, and of a date', async () => {
    const challenge = 'Basic realm="issuer"';
    const { issuer } = await named(() => ({
      status: 401,
      headers: { 'www-authenticate': challenge },
      body: { error: 'invalid_client', error_description: 'who are you?' },
    }));
    expect((await issuer.request(...request())).observation).toMatchObject({
      error: 'invalid_client',
      errorDescription: 'who are you?',
      headers: { 'www-authenticate': challenge, date: expect.any(String), 'content-type': 'application/json' },
    });
    const page = await named(() => ({ status: 502, body: '<html>\n<h1>Bad gateway</h1>' }));
    const { observation, spent } = await page.issuer.request(...request());
    expect(observation).toMatchObject({ status: 502, bodyStart: '<html> <h1>Bad gateway</h1>' });
    expect(spent).toBe('unclear');
  });

  it.each([
    [500, 'server_error', 'unclear'],
    [503, 'invalid_grant', 'unclear'],
    [429, 'invalid_grant', 'no'],
    [400, 'invalid_grant', 'no'],
  ])('that is answered by %i and %s has spent its refresh token: %s', async (status, error, spent) => {
    const { issuer } = await named(() => ({ status, body: { error } }));
    expect((await issuer.request(...request({ refreshToken: new Secret('rt') }))).spent).toBe(spent);
  });

  it('shows no secret that the issuer repeats', async () => {
    const { issuer } = await named(({ form }) => ({ status: 400, body: `no: s3cret, ${form.refresh_token}` }));
    const { observation } = await issuer.request(...request({ refreshToken: new Secret('r:t') }));
    expect(observation.bodyStart).toBe('no: [secret], [secret]');
  });

  it('shows no part of a secret at the place where a text is cut, nor credentials in their Basic form', async () => {
    const clientSecret = new Secret('client-secret-0123456789');
    const masker = createMasker();
    masker.add(clientSecret);
    masker.add(new Secret('other-secret-0123456789'));
    const basic = ({ headers }: { headers: IncomingHttpHeaders }) => headers.authorization ?? '';
    const { issuer } = await named(
      (seen) => ({
        status: 400,
        headers: { 'www-authenticate': `${'x'.repeat(270)}${basic(seen)}` },
        body: { error: 'oops', error_description: `${'x'.repeat(290)}other-secret-0123456789 ${basic(seen)}` },
      }),
      { clientSecret },
      masker.mask,
    );
    const { errorDescription, headers } = (await issuer.request(...request())).observation;
    expect(errorDescription).toBe(`${'x'.repeat(290)}[secret] B…`);
    expect(headers?.['www-authenticate']).toBe(`${'x'.repeat(270)}Basic [secret]`);
    const page = await named(
      (seen) => ({ status: 502, body: `${'x'.repeat(180)} other-secret-0123456789 ${basic(seen)}` }),
      { clientSecret },
      masker.mask,
    );
    expect((await page.issuer.request(...request())).observation.bodyStart).toBe(
      `${'x'.repeat(180)} [secret] Basic [sec…`,
    );
  });

  it('shows no part of a secret in the type of a token, which is not cut before', async () => {
    const masker = createMasker();
    masker.add(new Secret('other-secret-0123456789'));
    const token_type = `${'x'.repeat(30)}other-secret-0123456789`;
    const { issuer } = await named(() => ({ body: { ...granted, token_type } }), {}, masker.mask);
    expect((await issuer.request(...request())).observation.protocolProblem).toBe(
      `the token_type is not bearer but "${'x'.repeat(30)}[secret]"`,
    );
  });

  it('ends at a body without end', async () => {
    const { issuer } = await named((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const flood = () => {
        while (response.write(Buffer.alloc(65_536, ' ')));
        response.once('drain', flood);
      };
      flood();
      return undefined;
    });
    expect((await issuer.request(...request())).observation.failure?.code).toBe('BODY_TOO_LARGE');
  });

  it('ends at its deadline', async () => {
    const asked = Promise.withResolvers<void>();
    const { issuer, system } = await named(() => {
      asked.resolve();
      return undefined;
    });
    const answer = issuer.request(...request());
    await asked.promise;
    await system.clock.advance(10_000);
    expect((await answer).observation.failure?.code).toBe('TIMEOUT');
    expect((await answer).spent).toBe('unclear');
  });

  it('keeps a successor that comes in an answer that is wrong otherwise', async () => {
    const { issuer } = await named(() => ({ body: { ...granted, token_type: 'mac', refresh_token: 'next' } }));
    const { access, refreshToken, spent } = await issuer.request(...request({ refreshToken: new Secret('rt') }));
    expect(access).toBeUndefined();
    expect(refreshToken?.reveal()).toBe('next');
    expect(spent).toBe('yes');
  });

  it('does not look at an ID token that nobody asked for', async () => {
    const { issuer } = await named(() => ({ body: { ...granted, id_token: 'not even a JWT' } }));
    expect((await issuer.request(...request())).access).toBeDefined();
  });
});

describe('a permit for a token request', () => {
  it('is waited for outside of the deadline, as the phase queue', async () => {
    const { origin } = await scriptedIssuer(() => ({ body: granted }));
    const { issuer, system } = client(definition({ endpoints: { token: `${origin}/token` }, clientAuth: 'none' }), {
      ratePerSecond: 1 / 30,
      burst: 2,
    });
    for (let burst = 0; burst < 2; burst++) await issuer.request(...request());
    const answer = issuer.request(...request());
    await system.clock.advance(30_000);
    expect((await answer).observation.phases.queue).toBe(30_000);
    expect((await answer).access).toBeDefined();
    expect((await answer).sentAt?.monotonicMs).toBe(30_000);
  });

  it('is waited for a minute at the most', async () => {
    const { origin } = await scriptedIssuer(() => ({ body: granted }));
    const { issuer, system } = client(definition({ endpoints: { token: `${origin}/token` }, clientAuth: 'none' }), {
      ratePerSecond: 1 / 61,
      burst: 2,
    });
    for (let burst = 0; burst < 2; burst++) await issuer.request(...request());
    const refused = issuer.request(...request()).catch((error: unknown) => error);
    await system.clock.advance(60_000);
    expect(await refused).toBeInstanceOf(PermitRefused);
    expect(system.clock.pending()).toBe(0);
  });

  it('is not waited for any longer once the source stops', async () => {
    const { origin } = await scriptedIssuer(() => ({ body: granted }));
    const { issuer } = client(definition({ endpoints: { token: `${origin}/token` }, clientAuth: 'none' }), {
      ratePerSecond: 1 / 61,
      burst: 2,
    });
    for (let burst = 0; burst < 2; burst++) await issuer.request(...request());
    const stopping = new AbortController();
    const refused = issuer.request(...request({ stopping: stopping.signal })).catch((error: unknown) => error);
    await settle();
    stopping.abort();
    expect(await refused).toMatchObject({ reason: 'aborted' });
  });
});

describe('a definition that validation would have refused', () => {
  it('is no issuer', () => {
    expect(() => client(definition())).toThrow(TypeError);
    expect(() => client(definition({ issuer: 'https://issuer.example' }))).toThrow('needs a client secret');
  });
});

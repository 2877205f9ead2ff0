import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import { PermitRefused } from '../../src/net/limiter.ts';
import { httpKind } from '../../src/probes/http.ts';
import { ask, redirect } from './ask-http.ts';
import { answer, createProbeWorld, httpSpec } from './probe-world.ts';

describe('a request of kind http (scripted fake client)', () => {
  it('is a plain GET with our own headers and those of the token', async () => {
    const { requests, world } = await ask([{ url: 'https://api.example.com/health' }]);
    expect(requests).toEqual([
      {
        url: new URL('https://api.example.com/health'),
        method: 'GET',
        headers: { 'user-agent': 'sonde/0.0.0', traceparent: '00-1', authorization: 'Bearer at-live' },
        maxBodyBytes: 1_048_576,
        connection: { reuse: false },
      },
    ]);
    expect(world.authorized).toEqual(['GET https://api.example.com/health']);
  });

  it('carries the headers of the spec, which win over our own but not over the token', async () => {
    const headers = { 'User-Agent': 'mine', 'X-Version': 2, Authorization: 'Basic mine', Accept: '*/*' };
    const { requests } = await ask([{ headers }]);
    expect(requests[0]?.headers).toEqual({
      'user-agent': 'mine',
      traceparent: '00-1',
      'x-version': '2',
      accept: '*/*',
      authorization: 'Bearer at-live',
    });
  });

  it('adds its parameters to the query that is there, which stays as it is written', async () => {
    const query = { limit: 10, deep: true, tag: ['a b', 'c&d'] };
    const { requests } = await ask([{ url: 'https://api.example.com/a?x=1%20y#part', query }]);
    expect(requests[0]?.url.href).toBe('https://api.example.com/a?x=1%20y&limit=10&deep=true&tag=a+b&tag=c%26d');
    const bare = await ask([{ url: 'https://api.example.com/a', query: { limit: 10 } }]);
    expect(bare.requests[0]?.url.href).toBe('https://api.example.com/a?limit=10');
  });

  it('sends user info as basic authentication, and not in the address', async () => {
    const world = createProbeWorld();
    const context = { ...world.context, authorize: async () => ({ headers: {} }) };
    const { requests } = await ask([{ url: 'https://me:p%40ss@api.example.com/' }], undefined, { ...world, context });
    expect(requests[0]?.url.href).toBe('https://api.example.com/');
    expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  });

  it('reveals secrets where they go on the wire', async () => {
    const { requests } = await ask([
      { method: 'POST' },
      {
        url: new Secret('https://api.example.com/hook/s3cret'),
        headers: { 'x-custom': new Secret('s3cret') },
        query: { key: new Secret('s&cret') },
        body: { token: new Secret('"s3cret"'), list: [new Secret('s'), 1, null] },
      },
    ]);
    const [request] = requests;
    expect(request?.url.href).toBe('https://api.example.com/hook/s3cret?key=s%26cret');
    expect(request?.headers).toMatchObject({ 'x-custom': 's3cret', 'content-type': 'application/json' });
    expect(JSON.parse(request?.body ?? '')).toEqual({ token: '"s3cret"', list: ['s', 1, null] });
  });

  it('sends text as it stands, and plain data as JSON under the content type of the spec', async () => {
    const text = await ask([{ method: 'POST', body: 'a=1' }]);
    expect(text.requests[0]?.body).toBe('a=1');
    expect(text.requests[0]?.headers).not.toHaveProperty('content-type');
    const list = await ask([
      { method: 'POST', body: [1, { a: null }], headers: { 'Content-Type': 'application/x+json' } },
    ]);
    expect(list.requests[0]?.body).toBe('[1,{"a":null}]');
    expect(list.requests[0]?.headers['content-type']).toBe('application/x+json');
  });

  it('passes on how the connection is made, without the proxy where that is wanted', async () => {
    const written = {
      url: 'https://api.example.com/',
      prefer: 'ip6',
      proxy: 'http://proxy.example.net:3128',
      no_proxy: ['.internal.example.com'],
      server_name: 'edge.example.com',
      reuse_connections: true,
      max_body: '64KiB',
    };
    const { requests } = await ask([written], (_, index) =>
      index === 0 ? redirect(307, 'https://a.internal.example.com/') : { response: answer(200) },
    );
    expect(requests[0]).toMatchObject({
      maxBodyBytes: 65_536,
      connection: {
        prefer: 'ip6',
        proxy: new URL('http://proxy.example.net:3128'),
        serverName: 'edge.example.com',
        reuse: true,
      },
    });
    expect(requests[1]?.connection).toEqual({ prefer: 'ip6', reuse: true });
  });
});

describe('what a run of kind http sees (scripted fake client)', () => {
  it('is every fact of the answer', async () => {
    const tls = { protocol: 'TLSv1.3', cipher: 'x', chain: [] };
    const response = answer(200, { 'content-length': '7', 'content-type': 'text/plain' }, '\ufeffgr\u00fcn');
    const { observation } = await ask([{ url: 'https://me:pw@api.example.com/a?key=1' }], () => ({
      address: '192.0.2.1',
      ipVersion: 4,
      tls,
      response,
      uncertaintyMs: 0.25,
    }));
    expect(observation).toEqual({
      phases: { connect: 1, wait: 10 },
      uncertaintyMs: 0.25,
      facts: {
        url: 'https://api.example.com/a',
        overTls: true,
        address: '192.0.2.1',
        ipVersion: 4,
        tls,
        status: 200,
        httpVersion: '1.1',
        headers: { 'content-length': '7', 'content-type': 'text/plain' },
        redirects: [],
        contentLength: 7,
        body: 'grün',
        bodyBytes: 8,
      },
    });
  });

  it('lacks a length that is no number', async () => {
    const { observation } = await ask([{}], () => ({ response: answer(200, { 'content-length': '7, 7' }) }));
    expect(observation.facts).not.toHaveProperty('contentLength');
  });

  it('is a failure beside what came before it', async () => {
    const failure = { phase: 'transfer', code: 'ECONNRESET', message: 'gone' } as const;
    const { observation } = await ask([{}], () => ({ response: answer(200, {}, 'hal'), failure }));
    expect(observation).toMatchObject({ failure, facts: { status: 200, body: 'hal' } });
  });

  it('shows no URL of the run where the address is a secret', async () => {
    const url = new Secret('https://api.example.com/hook/s3cret');
    const { observation } = await ask([{}, { url }], (_, index) =>
      index === 0 ? redirect(301, 'https://www.example.com/hook/s3cret') : { response: answer(200) },
    );
    expect(observation.facts).toMatchObject({ url: '[secret]', redirects: [{ url: '[secret]', status: 301 }] });
  });

  it('is that the run was stopped, with the permit given back, when that happens before the request', async () => {
    const world = createProbeWorld();
    const permit = async () => {
      const granted = await world.context.permit();
      world.cancel();
      return granted;
    };
    const { observation, requests } = await ask([{}], undefined, { ...world, context: { ...world.context, permit } });
    expect(observation.failure).toMatchObject({ phase: 'queue', code: 'CANCELLED' });
    expect(requests).toHaveLength(0);
    expect(world.budget.level()).toBe(100);
  });

  it('lets a refused permit pass through', async () => {
    const world = createProbeWorld();
    const permit = () => Promise.reject(new PermitRefused('bound_passed'));
    await expect(ask([{}], undefined, { ...world, context: { ...world.context, permit } })).rejects.toThrow(
      PermitRefused,
    );
  });

  it('gives the permit back when the authorizer breaks', async () => {
    const world = createProbeWorld();
    const authorize = () => {
      throw new Error('a bug');
    };
    await expect(ask([{}], undefined, { ...world, context: { ...world.context, authorize } })).rejects.toThrow('a bug');
    expect(world.budget.level()).toBe(100);
  });
});

describe('redirects (scripted fake client)', () => {
  it('are followed, each with a permit of its own, and their phases are summed', async () => {
    const steps = [
      { ...redirect(302, '/b?c=1'), uncertaintyMs: 0.5 },
      redirect(308, '//www.example.com/d'),
      { response: answer(200, {}, 'end'), uncertaintyMs: 2 },
    ];
    const { observation, requests, world } = await ask(
      [{ url: 'https://api.example.com/a' }],
      (_, index) => steps[index] ?? {},
    );
    expect(requests.map(({ url }) => url.href)).toEqual([
      'https://api.example.com/a',
      'https://api.example.com/b?c=1',
      'https://www.example.com/d',
    ]);
    expect(observation).toMatchObject({
      phases: { connect: 3, wait: 30 },
      uncertaintyMs: 2.5,
      facts: {
        url: 'https://www.example.com/d',
        status: 200,
        body: 'end',
        redirects: [
          { url: 'https://api.example.com/a', status: 302 },
          { url: 'https://api.example.com/b', status: 308 },
        ],
      },
    });
    expect(world.budget.level()).toBe(97);
  });

  it('are themselves the answer when none are to be followed', async () => {
    const { observation, requests } = await ask([{ redirects: 0 }], () => redirect(301, '/b'));
    expect(requests).toHaveLength(1);
    expect(observation).toMatchObject({ facts: { status: 301, redirects: [] } });
    expect(observation.failure).toBeUndefined();
  });

  it.each([300, 304, 305, 399])('are not answers with %d', async (status) => {
    const { observation, requests } = await ask([{}], () => redirect(status, '/b'));
    expect(requests).toHaveLength(1);
    expect(observation.facts.status).toBe(status);
  });

  it('end at their bound', async () => {
    const { observation, requests } = await ask([{ redirects: 2 }], () => redirect(302, '/again'));
    expect(requests).toHaveLength(3);
    expect(observation.failure).toEqual({
      phase: 'transfer',
      code: 'TOO_MANY_REDIRECTS',
      message: 'there are more than 2 redirects',
    });
    expect(observation.facts.redirects).toHaveLength(3);
  });

  it.each([
    [{}, /no Location/],
    [{ location: 'https://:bad:/' }, /no URL/],
    [{ location: 'ftp://example.com/' }, /ftp:/],
    [{ location: 'javascript:alert(1)' }, /javascript:/],
  ])('that lead nowhere are failures: %j', async (headers, message) => {
    const { observation } = await ask([{}], () => ({ response: answer(302, headers) }));
    expect(observation.failure).toMatchObject({ code: 'BAD_REDIRECT', message: expect.stringMatching(message) });
    expect(observation.facts).toMatchObject({ status: 302, redirects: [{ status: 302 }] });
  });

  it('whose answer broke are not followed', async () => {
    const failure = { phase: 'transfer', code: 'BODY_TOO_LARGE', message: 'large' } as const;
    const { requests } = await ask([{}], () => ({ ...redirect(302, '/b'), failure }));
    expect(requests).toHaveLength(1);
  });

  it('read a Location in UTF-8, and take no user info from it', async () => {
    const location = Buffer.from('https://u:p@api.example.com/grün#x').toString('latin1');
    const { requests, observation } = await ask([{}], (_, index) =>
      index === 0 ? redirect(302, location) : { response: answer(200) },
    );
    expect(requests[1]?.url.href).toBe('https://api.example.com/gr%C3%BCn');
    expect(observation.facts.url).toBe('https://api.example.com/gr%C3%BCn');
  });

  it('let no secret out by taking an address apart, and show where their cookies came', async () => {
    const { observation, world } = await ask([{}], (_, index) =>
      index === 0
        ? { response: answer(302, { location: '/known-secret?x#y', 'set-cookie': 'a=1' }) }
        : { response: answer(302, { location: 'http://known-secret/' }) },
    );
    expect(observation.facts.redirects?.slice(1, 3)).toEqual([
      { url: 'https://api.example.com/[secret]', status: 302 },
      { url: '[secret]', status: 302 },
    ]);
    expect(world.received[0]).toMatchObject({ 'set-cookie': 'a=1' });
    expect(world.received).toHaveLength(6);
  });

  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [301, 'PUT', 'PUT'],
    [302, 'DELETE', 'DELETE'],
    [301, 'HEAD', 'HEAD'],
    [303, 'HEAD', 'HEAD'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
  ])('with %d lead from %s to %s, and a new method leaves the body behind', async (status, method, next) => {
    const headers = { 'content-type': 'text/plain', accept: '*/*' };
    const { requests } = await ask([{ method, body: 'text', headers }], (_, index) =>
      index === 0 ? redirect(status, '/b') : { response: answer(200) },
    );
    const [, second] = requests;
    expect(second?.method).toBe(next);
    expect(second?.headers.accept).toBe('*/*');
    expect('body' in (second ?? {})).toBe(method === next);
    expect('content-type' in (second?.headers ?? {})).toBe(method === next);
  });
});

describe('the target of kind http', () => {
  it.each([
    [
      'https://me:pw@api.example.com:8443/a?key=1#x',
      'https://api.example.com:8443/a',
      'https://api.example.com:8443',
      false,
    ],
    ['http://api.example.com', 'http://api.example.com/', 'http://api.example.com', true],
    ['http://127.0.0.1:80/', 'http://127.0.0.1/', 'http://127.0.0.1', false],
    ['http://[::1]:7663/', 'http://[::1]:7663/', 'http://[::1]:7663', false],
    ['http://localhost/', 'http://localhost/', 'http://localhost', false],
  ])('of %s is shown as %s', (url, display, origin, plaintext) => {
    expect(httpKind.target(httpSpec({ url }))).toMatchObject({ display, origin, plaintext });
  });

  it('tells the password that stands in an address, and how it is sent, so that both can be hidden', () => {
    const { credentials } = httpKind.target(httpSpec({ url: 'https://me:p%40ss%zz@api.example.com/' }));
    expect(credentials?.map((each) => each.reveal())).toEqual(['p@ss%zz', btoa('me:p@ss%zz')]);
    expect(httpKind.target(httpSpec({ url: 'https://api.example.com/' })).credentials).toBeUndefined();
  });

  it('of a secret address is not shown', () => {
    const spec = httpSpec({}, { url: new Secret('http://api.example.com/s3cret') });
    expect(httpKind.target(spec)).toEqual({ display: '[secret]', origin: 'http://api.example.com', plaintext: true });
  });

  it('of a secret that is no URL is an error that does not show it', () => {
    const spec = httpSpec({}, { url: new Secret('s3cret') });
    expect(() => httpKind.target(spec)).toThrow(
      expect.objectContaining({ code: 'PROBE_SPEC', path: ['url'], message: expect.not.stringContaining('s3cret') }),
    );
  });
});

import { createServer as createHttpServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import { createHttpClient } from '../../src/net/http-client.ts';
import { createResolver } from '../../src/net/resolve.ts';
import { httpKind } from '../../src/probes/http.ts';
import type { HttpSpec } from '../../src/probes/http-spec.ts';
import type { RunContext } from '../../src/probes/probe.ts';
import { freePort, listen } from '../net/loopback.ts';
import { createTestAuthority } from '../support/certificates.ts';
import { createProbeWorld, httpSpec, noDatagrams } from './probe-world.ts';

/** What a server was asked. */
interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The common name on the client's certificate. */
  readonly client?: string | undefined;
}

/** A real server that records what it was asked before it answers. */
async function serve(answer: RequestListener, tls?: ServerOptions): Promise<{ origin: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    const client = tls && (request.socket as TLSSocket).getPeerCertificate().subject?.CN;
    seen.push({
      method,
      url,
      headers,
      body: Buffer.concat(chunks).toString(),
      ...(tls && { client: client?.toString() }),
    });
    answer(request, response);
  };
  const server = tls ? createHttpsServer(tls, listener) : createHttpServer(listener);
  const port = await listen(server);
  return { origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, seen };
}

const redirectTo =
  (location: () => string, status: number): RequestListener =>
  (_, response) => {
    response.writeHead(status, { location: location() }).end('gone');
  };

/** Runs a spec once with the real client. */
async function ask(
  written: Record<string, unknown>,
  secrets: Partial<HttpSpec> = {},
  context: Partial<RunContext> = {},
) {
  const world = createProbeWorld();
  const http = createHttpClient(world.system, createResolver(world.system));
  onTestFinished(() => http.close());
  const probe = await httpKind.bind(httpSpec(written, secrets), { system: world.system, http, datagrams: noDatagrams });
  return probe({ ...world.context, ...context });
}

describe('kind http against real servers', () => {
  it('sends what the spec says and sees the whole answer', async () => {
    const { origin, seen } = await serve((_, response) => {
      response.writeHead(201, {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        'x-twice': ['a', 'b'],
      });
      response.end(gzipSync('{"ok": true}'));
    });
    const observation = await ask(
      { url: `${origin}/a?x=1`, method: 'POST', query: { y: 2 }, headers: { Accept: 'text/plain' } },
      { body: { key: new Secret('s3cret') } },
    );
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/a?x=1&y=2',
        headers: { accept: 'text/plain', 'content-type': 'application/json', 'user-agent': 'sonde/0.0.0' },
        body: '{"key":"s3cret"}',
      },
    ]);
    expect(observation.failure).toBeUndefined();
    expect(observation.facts).toMatchObject({
      url: `${origin}/a`,
      address: '127.0.0.1',
      ipVersion: 4,
      status: 201,
      httpVersion: '1.1',
      headers: { 'x-twice': 'a, b' },
      redirects: [],
      body: '{"ok": true}',
    });
    expect(Object.keys(observation.phases)).toEqual(expect.arrayContaining(['connect', 'request', 'wait', 'transfer']));
  });

  it('brings no credential to another origin, and none back', async () => {
    const first = await serve((request, response) => {
      if (request.url === '/back') response.end('home again');
      else redirectTo(() => `${second.origin}/b`, 307)(request, response);
    });
    const second = await serve(redirectTo(() => `${first.origin}/back`, 307));
    const observation = await ask(
      {
        url: `${first.origin}/a`.replace('//', '//me:crdntl@'),
        method: 'POST',
        body: 'plain',
        headers: { cookie: 'a=crdntl', 'X-Api-Key': 'crdntl', accept: '*/*' },
      },
      { query: { key: new Secret('crdntl') } },
    );
    expect(observation.facts).toMatchObject({ body: 'home again', redirects: [{ status: 307 }, { status: 307 }] });
    expect(first.seen[0]?.headers).toMatchObject({
      authorization: 'Bearer at-live',
      cookie: 'a=crdntl',
      'x-api-key': 'crdntl',
    });
    expect(second.seen).toMatchObject([{ method: 'POST', url: '/b', body: 'plain', headers: { accept: '*/*' } }]);
    for (const seen of [second.seen[0], first.seen[1]]) {
      expect(seen?.headers).toMatchObject({ 'user-agent': 'sonde/0.0.0' });
      expect(JSON.stringify(seen)).not.toMatch(/crdntl|at-live|Basic/);
    }
  });

  it('does not send a body with a secret on to another origin', async () => {
    const second = await serve((_, response) => response.end());
    const first = await serve(redirectTo(() => second.origin, 308));
    const observation = await ask({ url: first.origin, method: 'PUT' }, { body: new Secret('s3cret') });
    expect(observation.failure).toMatchObject({ code: 'BAD_REDIRECT' });
    expect(first.seen[0]?.body).toBe('s3cret');
    expect(second.seen).toHaveLength(0);
  });

  it('shows its client certificate to the first origin alone', async () => {
    const authority = await createTestAuthority();
    const { certificate: cert, key } = await authority.issue();
    const client = await authority.issue({ commonName: 'sonde', isClient: true });
    const tls = { cert, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: false };
    const second = await serve((_, response) => response.end('end'), tls);
    const first = await serve(
      redirectTo(() => second.origin, 302),
      tls,
    );
    const observation = await ask({
      url: first.origin,
      ca: authority.certificate,
      client_certificate: client.certificate,
      client_key: client.key,
    });
    expect(observation.failure).toBeUndefined();
    expect(observation.facts).toMatchObject({ body: 'end', tls: { protocol: 'TLSv1.3' } });
    expect(observation.facts.tls?.chain[0]?.subject).toContain('CN=localhost');
    expect([first.seen[0]?.client, second.seen[0]?.client]).toEqual(['sonde', undefined]);
  });

  it('shows the certificate that the token is bound to, in the place of its own, and to the first origin alone', async () => {
    const authority = await createTestAuthority();
    const { certificate: cert, key } = await authority.issue();
    const [own, bound] = await Promise.all(
      ['own', 'bound'].map((commonName) => authority.issue({ commonName, isClient: true })),
    );
    const tls = { cert, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: false };
    const second = await serve((_, response) => response.end('end'), tls);
    const first = await serve(
      redirectTo(() => second.origin, 302),
      tls,
    );
    const written = {
      url: first.origin,
      ca: authority.certificate,
      client_certificate: own?.certificate,
      client_key: own?.key,
      reuse_connections: true,
    };
    const clientCertificate = { certificate: bound?.certificate ?? '', key: new Secret(bound?.key ?? '') };
    const headers = { authorization: 'Bearer at-bound' };
    const { facts } = await ask(written, {}, { authorize: async () => ({ headers, clientCertificate }) });
    expect(facts).toMatchObject({ status: 200, body: 'end' });
    expect([first.seen[0]?.client, second.seen[0]?.client]).toEqual(['bound', undefined]);
    await ask(written, {}, { authorize: async () => ({ headers: {} }) });
    expect(first.seen[1]?.client).toBe('own');
  });

  it('ends an endless chain at its bound', async () => {
    const { origin, seen } = await serve(redirectTo(() => '/again', 302));
    const observation = await ask({ url: origin });
    expect(observation.failure).toMatchObject({ code: 'TOO_MANY_REDIRECTS' });
    expect(seen).toHaveLength(6);
  });

  it('reads no more of a body than it may', async () => {
    const { origin } = await serve((_, response) => response.end('x'.repeat(5000)));
    const observation = await ask({ url: origin, max_body: '1KiB' });
    expect(observation.failure).toMatchObject({ code: 'BODY_TOO_LARGE', phase: 'transfer' });
    expect(observation.facts).toMatchObject({ status: 200, contentLength: 5000 });
  });

  it('tells that nobody listens', async () => {
    const observation = await ask({ url: `http://127.0.0.1:${await freePort()}` });
    expect(observation).toMatchObject({
      failure: { code: 'ECONNREFUSED', phase: 'connect' },
      facts: { redirects: [] },
    });
    expect(observation.facts.status).toBeUndefined();
  });
});

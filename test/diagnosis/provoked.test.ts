import { createServer as createPlainServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { diagnoseRun } from '../../src/diagnosis/diagnose-run.ts';
import { type Cause, causeOf } from '../../src/model/cause.ts';
import type { ConnectionOptions, HttpExchange } from '../../src/net/http.ts';
import { createResolver } from '../../src/net/resolve.ts';
import { createClientWorld, freePort, listen } from '../net/loopback.ts';
import { createTestAuthority, daysFromNow } from '../support/certificates.ts';
import { startFakeDns } from '../support/fake-dns.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

const authority = await createTestAuthority();
const leaf = await authority.issue();
const served: TlsOptions = { cert: leaf.certificate, key: leaf.key };
const trusting: ConnectionOptions = { ca: authority.certificate };

function diagnose(url: string, { phases, failure, response }: HttpExchange): Cause | undefined {
  const facts = { url, ...(response && { status: response.status }) };
  return causeOf(diagnoseRun({ observation: { phases, facts, ...(failure && { failure }) }, verdicts: [] }));
}

/** The cause of one request over real sockets. */
async function causeAt(url: string, connection: ConnectionOptions = {}): Promise<Cause | undefined> {
  const { ask } = createClientWorld();
  return diagnose(url, await ask(url, { connection }));
}

/** A server that meets each request, or the first bytes of whatever comes, with `answer`. */
function plain(answer: (socket: Socket) => void): Promise<number> {
  return listen(createPlainServer((socket) => void socket.once('data', () => answer(socket))));
}

/** A server that speaks HTTP over TLS. */
async function secured(options: TlsOptions): Promise<string> {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  const port = await listen(createTlsServer(options, (socket) => void socket.once('data', () => socket.end(answer))));
  return `https://127.0.0.1:${port}/`;
}

describe('causes provoked on real sockets', () => {
  it.each(['noSuchName', 'serverFailure', 'refused'] as const)('dns_failure: a name server says %s', async (record) => {
    const { server } = await startFakeDns({ 'api.example': record });
    const resolver = createResolver(createVirtualSystem(), { servers: [server], hostsPath: '/dev/null' });
    const { ask } = createClientWorld(resolver);
    const url = 'http://api.example/';
    expect(diagnose(url, await ask(url))).toMatchObject({ code: 'dns_failure', evidence: { phase: 'resolve' } });
  });

  it('connect_refused: nobody listens', async () => {
    expect(await causeAt(`http://127.0.0.1:${await freePort()}/`)).toMatchObject({ code: 'connect_refused' });
  });

  it('network_unreachable: no stream leads to a broadcast address', async () => {
    expect(await causeAt('http://255.255.255.255/')).toMatchObject({ code: 'network_unreachable' });
  });

  it.each([
    ['connect_timeout', 'connect', 'the way there stays silent'],
    ['timeout', 'tls', 'the handshake stays silent'],
    ['timeout', 'wait', 'the request stays unanswered'],
  ])('%s in the phase %s: %s', async (code, phase) => {
    const asked = Promise.withResolvers<void>();
    const origin = `127.0.0.1:${await plain(() => asked.resolve())}`;
    const url = phase === 'wait' ? `http://${origin}/` : `https://${phase === 'tls' ? origin : 'api.example'}/`;
    const { ask, system } = createClientWorld();
    const asking = ask(url, phase === 'connect' ? { connection: { proxy: new URL(`http://${origin}`) } } : {});
    await asked.promise;
    await system.clock.advance(5000);
    expect(diagnose(url, await asking)).toMatchObject({ code, evidence: { phase } });
  });

  it.each([
    ['unauthorized', 'answers 407', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'],
    ['network_unreachable', 'answers 502', 'HTTP/1.1 502 Bad Gateway\r\n\r\n'],
    ['connection_reset', 'closes', ''],
    ['protocol_error', 'speaks another protocol', 'SSH-2.0-OpenSSH_9.2p1\r\n'],
  ])('%s: a proxy %s, and the target is not accused', async (code, _, answer) => {
    const proxy = `127.0.0.1:${await plain((socket) => void socket.end(answer))}`;
    const cause = await causeAt('https://api.example/', { proxy: new URL(`http://${proxy}`) });
    expect(cause).toMatchObject({
      code,
      detail: expect.stringMatching(`^the (connection to the )?proxy ${proxy} `),
      evidence: { phase: 'connect', proxy },
    });
  });

  it('tls_untrusted: an authority that nobody named', async () => {
    expect(await causeAt(await secured(served))).toMatchObject({ code: 'tls_untrusted' });
  });

  it.each([
    ['has expired', { notBefore: daysFromNow(-9), notAfter: daysFromNow(-2) }],
    ['is not valid yet', { notBefore: daysFromNow(2), notAfter: daysFromNow(9) }],
  ])('tls_expired: a certificate that %s', async (words, validity) => {
    const { certificate, key } = await authority.issue(validity);
    expect(await causeAt(await secured({ cert: certificate, key }), trusting)).toMatchObject({
      code: 'tls_expired',
      detail: expect.stringContaining(words),
    });
  });

  it('tls_name_mismatch: a certificate for another host', async () => {
    const { certificate, key } = await authority.issue({ dnsNames: ['other.example'], ipAddresses: [] });
    expect(await causeAt(await secured({ cert: certificate, key }), trusting)).toMatchObject({
      code: 'tls_name_mismatch',
    });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('tls_handshake: a client certificate is missing, %s', async (version) => {
    const strict = { ...served, ca: authority.certificate, requestCert: true, rejectUnauthorized: true };
    const url = await secured({ ...strict, minVersion: version, maxVersion: version });
    expect(await causeAt(url, trusting)).toMatchObject({ code: 'tls_handshake' });
  });

  it.each([
    ['no TLS is spoken', (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['the connection is reset', (socket: Socket) => void socket.resetAndDestroy()],
  ])('tls_handshake: %s', async (_, answer) => {
    expect(await causeAt(`https://127.0.0.1:${await plain(answer)}/`)).toMatchObject({ code: 'tls_handshake' });
  });

  it.each([
    ['before the answer', ''],
    ['within the answer', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
  ])('connection_reset: %s', async (_, start) => {
    const port = await plain((socket) => void socket.write(start, () => socket.destroy()));
    expect(await causeAt(`http://127.0.0.1:${port}/`)).toMatchObject({ code: 'connection_reset' });
  });

  it('protocol_error: another protocol', async () => {
    const port = await plain((socket) => void socket.end('SSH-2.0-OpenSSH_9.2p1\r\n'));
    expect(await causeAt(`http://127.0.0.1:${port}/`)).toMatchObject({ code: 'protocol_error' });
  });

  it('body_too_large: more than the check allows', async () => {
    const body = 'x'.repeat(2000);
    const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const port = await plain((socket) => void socket.end(answer));
    expect(await causeAt(`http://127.0.0.1:${port}/`)).toMatchObject({ code: 'body_too_large' });
  });

  it('shutdown: the run is stopped', async () => {
    const stopping = new AbortController();
    const port = await plain(() => stopping.abort());
    const url = `http://127.0.0.1:${port}/`;
    const { ask } = createClientWorld(undefined, 5000, stopping.signal);
    expect(diagnose(url, await ask(url))).toMatchObject({ code: 'shutdown' });
  });
});

import { X509Certificate } from 'node:crypto';
import { createServer as createPlainServer, type Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dial } from '../../src/net/dial.ts';
import { createSecureContexts, type TlsIdentity } from '../../src/net/secure-contexts.ts';
import { secure } from '../../src/net/tls.ts';
import { createTestAuthority, daysFromNow } from '../support/certificates.ts';
import { createVirtualClock } from '../support/virtual-system.ts';
import { listen } from './loopback.ts';

const root = await createTestAuthority();
const middle = await root.issueAuthority('Test Middle');
const leaf = await middle.issue();
const served = { cert: `${leaf.certificate}${middle.certificate}`, key: leaf.key };
const never = new AbortController().signal;
const contexts = createSecureContexts();

async function socketTo(port: number): Promise<Socket> {
  const addresses = [{ address: '127.0.0.1', family: 4 } as const];
  const { socket } = await dial(createVirtualClock(), addresses, { port, signal: never });
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

async function handshake(server: TlsOptions, name = 'localhost', identity: TlsIdentity = { ca: root.certificate }) {
  const port = await listen(createServer(server));
  return secure(await socketTo(port), { name, context: contexts.contextFor(identity), signal: never });
}

describe('a TLS handshake', () => {
  it('tells protocol, cipher and the chain, the leaf first', async () => {
    const { facts, socket } = await handshake(served);
    const certificate = new X509Certificate(leaf.certificate);
    expect(facts.protocol).toBe('TLSv1.3');
    expect(facts.cipher).toMatch(/^TLS_/);
    expect(facts.chain.map(({ subject, issuer }) => [subject, issuer])).toEqual([
      ['CN=localhost', 'O=Test, CN=Test Middle'],
      ['O=Test, CN=Test Middle', 'O=Test, CN=Test Root'],
      ['O=Test, CN=Test Root', 'O=Test, CN=Test Root'],
    ]);
    expect(facts.chain[0]).toMatchObject({
      notBeforeMs: certificate.validFromDate.getTime(),
      notAfterMs: certificate.validToDate.getTime(),
      fingerprint: certificate.fingerprint256,
    });
    expect(socket.authorized).toBe(true);
  });

  it('tells of a certificate that it has met before what it told then', async () => {
    const [first, second] = [await handshake(served), await handshake(served)];
    expect(second.facts).toEqual(first.facts);
    for (const [index, facts] of second.facts.chain.entries()) expect(facts).toBe(first.facts.chain[index]);
  });

  it('asks for HTTP/1.1 and sends the name, without a final dot', async () => {
    let asked: string | false | null = null;
    const { socket } = await handshake(
      {
        ...served,
        ALPNProtocols: ['h2', 'http/1.1'],
        SNICallback(name, callback) {
          asked = name;
          callback(null);
        },
      },
      'localhost.',
    );
    expect(asked).toBe('localhost');
    expect(socket.alpnProtocol).toBe('http/1.1');
  });

  it('holds an IP address against the certificate and does not send it as a name', async () => {
    let asked: string | undefined;
    await handshake(
      {
        ...served,
        SNICallback(name, callback) {
          asked = name;
          callback(null);
        },
      },
      '127.0.0.1',
    );
    expect(asked).toBeUndefined();
  });

  it('is a full one each time', async () => {
    const port = await listen(createServer(served));
    for (let turn = 0; turn < 2; turn++) {
      const context = contexts.contextFor({ ca: root.certificate });
      const { socket } = await secure(await socketTo(port), { name: 'localhost', context, signal: never });
      expect(socket.isSessionReused()).toBe(false);
    }
  });

  it('shows the client certificate to a server that asks for it', async () => {
    const own = await root.issue({ isClient: true });
    const server = { ...served, ca: root.certificate, requestCert: true, maxVersion: 'TLSv1.2' } as const;
    const identity = { ca: root.certificate, clientCertificate: own.certificate, clientKey: own.key };
    expect((await handshake(server, 'localhost', identity)).facts.protocol).toBe('TLSv1.2');
    await expect(handshake(server)).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_SSL_|^ECONNRESET$/) });
  });
});

describe('a certificate that is not to be trusted', () => {
  it.each([
    [
      'has expired',
      { notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) },
      'CERT_HAS_EXPIRED',
      'TLS: cert has expired',
    ],
    ['is not yet valid', { notBefore: daysFromNow(1) }, 'CERT_NOT_YET_VALID', 'TLS: cert not yet valid'],
    ['is for another name', { dnsNames: ['other.example'] }, 'ERR_TLS_CERT_ALTNAME_INVALID', 'other.example'],
    ['is for a client', { isClient: true }, 'INVALID_PURPOSE', 'TLS: invalid purpose'],
  ])('because it %s is refused, and shown as evidence', async (_, options, code, message) => {
    const bad = await root.issue(options);
    await expect(handshake({ cert: bad.certificate, key: bad.key })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      circumstances: {
        tls: { protocol: 'TLSv1.3', chain: [{ subject: 'CN=localhost' }, { subject: 'O=Test, CN=Test Root' }] },
      },
    });
  });

  it('because its authority is another one is refused', async () => {
    const stranger = await createTestAuthority('Stranger');
    const bad = await stranger.issue();
    await expect(handshake({ cert: bad.certificate, key: bad.key })).rejects.toMatchObject({
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      circumstances: { tls: { chain: [{ issuer: 'O=Test, CN=Stranger' }] } },
    });
  });

  it('because its own authority comes with it is refused', async () => {
    const stranger = await createTestAuthority('Stranger');
    const bad = await stranger.issue();
    const cert = `${bad.certificate}${stranger.certificate}`;
    await expect(handshake({ cert, key: bad.key })).rejects.toMatchObject({ code: 'SELF_SIGNED_CERT_IN_CHAIN' });
  });

  it('because it signed itself is refused', async () => {
    const stranger = await createTestAuthority('Stranger');
    await expect(handshake({ cert: stranger.certificate, key: stranger.key })).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });

  it("because none of this host's authorities has signed it is refused", async () => {
    await expect(handshake(served, 'localhost', {})).rejects.toMatchObject({
      code: expect.stringMatching(/^UNABLE_TO_/),
    });
  });
});

describe('a handshake with a server that misbehaves', () => {
  const handshakeWith = async (serve: (socket: Socket) => void, signal = never) => {
    const port = await listen(createPlainServer(serve));
    return secure(await socketTo(port), { name: 'localhost', context: contexts.contextFor({}), signal });
  };

  it('tells a plain HTTP answer by its SSL error', async () => {
    const answering = handshakeWith((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(answering).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_SSL_/) });
  });

  it.each([
    ['closed', (socket: Socket) => socket.end()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('tells that the connection was %s', async (_, end) => {
    const ending = handshakeWith((socket) => socket.once('data', () => end(socket)));
    await expect(ending).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('ends when it is aborted', async () => {
    const controller = new AbortController();
    const stalled = handshakeWith((socket) => socket.once('data', () => controller.abort('enough')), controller.signal);
    await expect(stalled).rejects.toBe('enough');
  });
});

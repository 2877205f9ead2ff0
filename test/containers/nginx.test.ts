import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type StartedTestContainer, Wait } from 'testcontainers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestAuthority, daysFromNow, type TestAuthority, type TestCertificate } from '../support/certificates.ts';
import { runDaemon } from '../support/running-daemon.ts';
import { sonde } from '../support/sonde-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { counterpartImage } from './image.ts';
import { describeWithContainers, openStage, type Stage } from './stage.ts';

/** As in nginx.conf. */
const ports = {
  good: 8441,
  untrusted: 8442,
  expired: 8443,
  'not-yet': 8444,
  'other-name': 8445,
  'old-tls': 8446,
  'client-certificate': 8447,
};

type Server = keyof typeof ports;

/** What `once --json` tells of a run. */
interface TheRun {
  readonly check: string;
  readonly outcome: string;
  readonly phases_ms: Readonly<Record<string, number>>;
  readonly cause?: { readonly code: string; readonly blame: string; readonly detail: string };
}

describeWithContainers('nginx over TLS, with a private authority', () => {
  let stage: Stage;
  let nginx: StartedTestContainer;
  let authority: TestAuthority;
  let clients: TestAuthority;
  let good: TestCertificate;
  const goodUntil = daysFromNow(20);

  beforeAll(async () => {
    stage = await openStage();
    authority = await createTestAuthority('Private Authority');
    clients = await createTestAuthority('Clients');
    const stranger = await createTestAuthority('Unknown Authority');
    good = await authority.issue({ notAfter: goodUntil });
    const leaves = {
      good,
      untrusted: await stranger.issue(),
      expired: await authority.issue({ notBefore: daysFromNow(-30), notAfter: daysFromNow(-1) }),
      'not-yet': await authority.issue({ notBefore: daysFromNow(2), notAfter: daysFromNow(30) }),
      'other-name': await authority.issue({ commonName: 'other', dnsNames: ['api.other.example'], ipAddresses: [] }),
    };
    const files = Object.entries(leaves).flatMap(([name, { certificate, key }]) => [
      { target: `/etc/nginx/tls/${name}.crt`, content: certificate },
      { target: `/etc/nginx/tls/${name}.key`, content: key },
    ]);
    nginx = await stage.start(
      stage
        .container(await counterpartImage('nginx'), 'nginx')
        .withCopyContentToContainer([...files, { target: '/etc/nginx/tls/clients.crt', content: clients.certificate }])
        .withExposedPorts(...Object.values(ports))
        .withWaitStrategy(Wait.forListeningPorts()),
    );
  });

  afterAll(() => stage?.[Symbol.asyncDispose]());

  /** A check of one of the servers; `more` are further keys of `http:`. */
  const check = (server: Server, more: Readonly<Record<string, string>> = {}, name: string = server) => ({
    [name]: {
      every: '1s',
      http: { url: `https://localhost:${nginx.getMappedPort(ports[server])}/`, ca: authority.certificate, ...more },
    },
  });

  /** JSON is YAML too; the keys of clients stand in it as they are. */
  const file = (...checks: object[]) =>
    JSON.stringify({ allow_plaintext_secrets: true, checks: Object.assign({}, ...checks) });

  async function once(...checks: object[]): Promise<Readonly<Record<string, TheRun>>> {
    const path = join(await temporaryFolder(), 'sonde.yaml');
    await writeFile(path, file(...checks));
    const { out, err } = await sonde(['once', path, '--json']);
    expect(err).toBe('');
    const runs: TheRun[] = JSON.parse(out);
    return Object.fromEntries(runs.map((run) => [run.check, run]));
  }

  it('measures every phase of a sound connection', async () => {
    const { good: run } = await once(check('good'));
    expect(run).toMatchObject({ outcome: 'passed' });
    expect(Object.keys(run?.phases_ms ?? {})).toEqual(
      expect.arrayContaining(['resolve', 'connect', 'tls', 'request', 'wait', 'transfer']),
    );
  });

  it('tells when the certificate runs out, and which TLS was spoken', async () => {
    const daemon = await runDaemon(file(check('good')));
    await daemon.log.line(({ message }) => message.startsWith('good passed'));
    const [expiry = ''] = await daemon.metrics('probe_ssl_earliest_cert_expiry{');
    expect(Number(expiry.split(' ')[1])).toBe(Math.floor(goodUntil.getTime() / 1000));
    expect(await daemon.metrics('probe_tls_version_info{')).toEqual([expect.stringContaining('version="TLS 1.3"')]);
  });

  it('names the cause of each way in which a certificate is wrong', async () => {
    const runs = await once(check('untrusted'), check('expired'), check('not-yet'), check('other-name'));
    expect(Object.fromEntries(Object.entries(runs).map(([name, { cause }]) => [name, cause?.code]))).toEqual({
      untrusted: 'tls_untrusted',
      expired: 'tls_expired',
      'not-yet': 'tls_expired',
      'other-name': 'tls_name_mismatch',
    });
    expect(runs['other-name']?.cause?.detail).toContain('api.other.example');
  });

  it('names a handshake in which no version of TLS is common', async () => {
    const { 'old-tls': run } = await once(check('old-tls'));
    expect(run?.cause).toMatchObject({ code: 'tls_handshake', detail: expect.stringMatching(/version/) });
  });

  it('shows a client certificate, and tells what nginx says when it misses one or trusts it not', async () => {
    const mine = await clients.issue({ commonName: 'sonde', isClient: true });
    const foreign = await authority.issue({ commonName: 'foreign', isClient: true });
    const shown = ({ certificate, key }: TestCertificate) => ({ client_certificate: certificate, client_key: key });
    const runs = await once(
      check('client-certificate', shown(mine), 'mine'),
      check('client-certificate', shown(foreign), 'foreign'),
      check('client-certificate', {}, 'none'),
    );
    expect(runs.mine).toMatchObject({ outcome: 'passed' });
    // nginx ends the handshake first, and refuses by a status.
    for (const name of ['foreign', 'none'])
      expect(runs[name]?.cause).toMatchObject({ code: 'upstream_4xx', detail: expect.stringContaining('400') });
  });
});

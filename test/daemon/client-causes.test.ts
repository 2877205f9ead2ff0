import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLabCertificates, type LabCertificates } from '../lab/certificates.ts';
import type { LabClientId } from '../lab/issuer-clients.ts';
import { consent } from '../lab/person.ts';
import { signAssertion } from '../lab/plain-client.ts';
import { startWorld, type World } from '../lab/world.ts';
import { runDaemon } from '../support/running-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { logIn } from './person.ts';
import { checkRun, configure, expectTokenCause, runOnce, type Scene } from './scene.ts';

let certificates: LabCertificates;
let world: World;
beforeAll(async () => {
  certificates = await createLabCertificates();
  world = await startWorld({ certificates });
});
afterAll(() => world.close());

const showing = ({ certificate, key }: LabCertificates['client']) => ({
  ca: certificates.authority,
  client_certificate: certificate,
  client_key: key,
});

const about = { assertion: { subject: 'somebody' } };

describe('a client that speaks for itself', () => {
  it.each<[LabClientId, Record<string, unknown>]>([
    ['lab-service', {}],
    ['lab-post', {}],
    ['lab-secret-jwt', {}],
    ['lab-key', {}],
    ['lab-assertion', about],
    ['lab-assertion-key', about],
    ['lab-dpop', { dpop: true }],
    ['lab-dpop', { dpop: { algorithm: 'EdDSA' } }],
  ])('%s is granted a token that the API takes: %j', async (client, token) => {
    expect(await runOnce(world, { client, token })).toMatchObject({ outcome: 'passed' });
  });

  it.each<[LabClientId, 'client' | 'selfSigned']>([
    ['lab-tls', 'client'],
    ['lab-self-signed', 'selfSigned'],
  ])('%s shows its certificate to the issuer, and to the API that its token is for', async (client, shown) => {
    const token = { ...showing(certificates[shown]), present: { client_certificate: true } };
    const http = { url: `${world.api.mtlsOrigin}/v1/models`, ca: certificates.authority };
    expect(await runOnce(world, { client, token, check: { http } })).toMatchObject({ outcome: 'passed' });
    const hidden = { ...token, present: { client_certificate: false } };
    expect(await runOnce(world, { client, token: hidden, check: { http } })).toMatchObject({
      cause: { code: 'unauthorized' },
    });
  });

  it('shows an assertion that was made elsewhere', async () => {
    const { jwk } = world.issuer.clientKey('lab-assertion');
    const claims = { sub: 'somebody' };
    const assertion = await signAssertion(jwk, { client: 'lab-assertion', audience: world.issuer.origin, claims });
    const token = { assertion, private_key: undefined };
    expect(await runOnce(world, { client: 'lab-assertion', token })).toMatchObject({ outcome: 'passed' });
  });

  it('asks in JSON where the issuer wants that, and names the audience', async () => {
    const token = {
      issuer: undefined,
      token_endpoint: `${world.issuer.origin}/json/token`,
      token_request: 'json',
      audience: 'urn:sonde:lab:api',
    };
    expect(await runOnce(world, { client: 'lab-post', token })).toMatchObject({ outcome: 'passed' });
    const elsewhere = { ...token, audience: 'urn:nowhere' };
    await expectTokenCause(world, 'invalid_scope', { client: 'lab-post', token: elsewhere });
  });

  it('follows the nonces of an issuer and of an API that want them', async () => {
    await using opened = new AsyncDisposableStack();
    const strict = opened.adopt(await startWorld({ dpopNonces: true }), (it) => it.close());
    const daemon = await runDaemon(configure(strict, { client: 'lab-dpop', token: { dpop: true } }));
    await checkRun(daemon, undefined);
    strict.api.renewNonce();
    const runs = async () =>
      Number((await daemon.metrics('sonde_runs_total{check="api",outcome="passed"'))[0]?.split(' ')[1]);
    const before = await runs();
    await vi.waitFor(async () => expect(await runs()).toBeGreaterThan(before + 3), { timeout: 30_000, interval: 100 });
    const troubled = daemon.log.lines.filter(
      ({ fields: { outcome } }) => outcome === 'failed' || outcome === 'errored',
    );
    expect(troubled).toEqual([]);
  });
});

describe('a client that a person logs in to', () => {
  it.each<[LabClientId, Record<string, unknown>]>([
    ['lab-person-app', {}],
    ['lab-person-web', {}],
    ['lab-person-pushed', { login: { pushed: true } }],
    ['lab-person-dpop', { dpop: true }],
  ])('%s has tokens from then on: %j', async (client, token) => {
    const stateDir = await temporaryFolder();
    const scene: Scene = { client, token };
    const browse = async (address: URL) => void (await fetch(await consent(address)));
    expect(await logIn(world, scene, { stateDir, browse })).toMatchObject({ exit: 0 });
    const asked = world.issuer.tokenRequests();
    expect(await runOnce(world, scene, { stateDir })).toMatchObject({ outcome: 'passed' });
    expect(world.issuer.tokenRequests()).toBe(asked);
  });
});

describe('invalid_client', () => {
  const wrong = 'of-another-environment-and-long-enough-to-sign-with';
  it.each<[LabClientId, () => Record<string, unknown>]>([
    ['lab-service', () => ({ client_secret: wrong })],
    ['lab-post', () => ({ client_secret: wrong })],
    ['lab-secret-jwt', () => ({ client_secret: wrong })],
    ['lab-key', () => ({ private_key: world.issuer.clientKey('lab-key-user').pem })],
    ['lab-tls', () => showing(certificates.selfSigned)],
    ['lab-self-signed', () => showing(certificates.client)],
    ['lab-assertion', () => ({ ...about, client_id: 'nobody' })],
    ['lab-public', () => ({ client_id: 'nobody', refresh_token: 'some-token-or-other' })],
  ])('%s, by what is not its own', async (client, token) => {
    await expectTokenCause(world, 'invalid_client', { client, token: token() });
  });
});

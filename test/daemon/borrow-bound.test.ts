import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { borrowSkew } from '../../src/cli/borrowed-skew.ts';
import { createLabCertificates, type LabCertificates } from '../lab/certificates.ts';
import { startWorld, type World } from '../lab/world.ts';
import { runDaemon } from '../support/running-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { checkRun, configure, runOnce, type Scene } from './scene.ts';

let certificates: LabCertificates;
let world: World;
beforeAll(async () => {
  certificates = await createLabCertificates();
  world = await startWorld({ certificates, dpopNonces: true });
});
afterAll(() => world.close());

/** Runs a scene by a daemon, and then once beside it. */
async function runBeside(scene: Scene, besides: Scene = scene) {
  const daemon = await runDaemon(configure(world, scene));
  await checkRun(daemon, undefined);
  const asked = world.issuer.tokenRequests();
  const result = await runOnce(world, besides, { stateDir: daemon.stateDir });
  expect(world.issuer.tokenRequests()).toBe(asked);
  return result;
}

describe("a single run with a daemon's token that is bound", () => {
  it('to a key which the daemon has made signs with it, and follows the nonces of the API', async () => {
    const scene: Scene = { client: 'lab-dpop', token: { dpop: true } };
    expect(await runBeside(scene)).toMatchObject({ outcome: 'passed' });
  });

  it('to a key of another algorithm signs by that', async () => {
    const scene: Scene = { client: 'lab-dpop', token: { dpop: { algorithm: 'EdDSA' } } };
    expect(await runBeside(scene)).toMatchObject({ outcome: 'passed' });
  });

  it('to a key that both configurations name signs with that', async () => {
    const scene: Scene = { client: 'lab-dpop', token: { dpop: { key: world.issuer.clientKey('lab-key').pem } } };
    expect(await runBeside(scene)).toMatchObject({ outcome: 'passed' });
  });

  it('to a key that only the configuration of the daemon names is refused', async () => {
    const scene: Scene = { client: 'lab-dpop', token: { dpop: { key: world.issuer.clientKey('lab-key').pem } } };
    await expect(runBeside(scene, { client: 'lab-dpop', token: { dpop: true } })).rejects.toThrow(
      'has bound the token lab to a key that this configuration does not name',
    );
  });

  it('to a certificate shows that', async () => {
    const { certificate, key } = certificates.client;
    const token = {
      ca: certificates.authority,
      client_certificate: certificate,
      client_key: key,
      present: { client_certificate: true },
    };
    const http = { url: `${world.api.mtlsOrigin}/v1/models`, ca: certificates.authority };
    expect(await runBeside({ client: 'lab-tls', token, check: { http } })).toMatchObject({ outcome: 'passed' });
  });
});

describe('the skew that a single run borrows', () => {
  it.each([
    ['{"skew_ms": 400000, "uncertainty_ms": 20, "tolerance_ms": 1000}', 400_000],
    ['{"state": "unknown", "tolerance_ms": 1000}', undefined],
    ['no JSON', undefined],
  ])('is what a daemon (fake) answers: %s', async (answer, skewMs) => {
    const socketPath = join(await temporaryFolder(), 'sonde.sock');
    const daemon = createServer((_, response) => response.end(answer));
    await new Promise<void>((resolve) => daemon.listen(socketPath, resolve));
    onTestFinished(() => void daemon.close());
    const skew = await borrowSkew(socketPath);
    expect(skew?.skewMs).toBe(skewMs);
  });

  it('is not known where no daemon runs', async () => {
    expect(await borrowSkew(join(await temporaryFolder(), 'sonde.sock'))).toBeUndefined();
  });
});

import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { once } from '../../src/cli/once.ts';
import { Refused } from '../../src/cli/refused.ts';
import { compact } from '../../src/model/compact.ts';
import { createSystem } from '../../src/system/system.ts';
import { startWorld, type World } from '../lab/world.ts';
import { runDaemon } from '../support/running-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

function configure(refreshToken: string, name = 'lab'): string {
  return `
allow_plaintext_secrets: true
tokens:
  ${name}:
    issuer: ${world.issuer.origin}
    grant: refresh_token
    client_id: lab-user
    client_secret: ${world.issuer.clientSecret('lab-user')}
    refresh_token: ${refreshToken}
    scopes: [models.read]
checks:
  models:
    every: 200ms
    token: ${name}
    http: ${world.api.origin}/v1/models
`;
}

const seed = () => world.issuer.mintRefreshToken('lab-user', ['models.read']);

/** `sonde once --json` in this process: its exit code and its results. */
async function runOnce(yaml: string, stateDir: string, env?: string) {
  const file = join(await temporaryFolder(), 'sonde.yaml');
  await writeFile(file, yaml);
  const printed: string[] = [];
  const output = { out: (text: string) => void printed.push(text), err: (text: string) => void printed.push(text) };
  const signals = { onReload() {}, onStop() {} };
  const code = await once(
    createSystem(),
    output,
    signals,
    [file],
    compact({ json: true, colour: false, stateDir, env }),
  );
  return { code, results: JSON.parse(printed.join('')) };
}

describe('a single run beside a daemon', () => {
  it("sends the daemon's token, and never refreshes beside it", async () => {
    const yaml = configure(await seed());
    const daemon = await runDaemon(yaml);
    await daemon.log.line(({ fields }) => fields.outcome === 'passed' && fields.check === 'models');
    const asked = world.issuer.tokenRequests();
    expect(await runOnce(yaml, daemon.stateDir)).toMatchObject({ code: 0, results: [{ outcome: 'passed' }] });
    expect(world.issuer.tokenRequests()).toBe(asked);
  });

  it('says why the daemon has no token to lend', async () => {
    const yaml = configure('never-issued-by-anyone');
    const daemon = await runDaemon(yaml);
    await daemon.log.line(({ fields }) => fields.cause === 'invalid_grant');
    const { code, results } = await runOnce(yaml, daemon.stateDir);
    expect(code).toBe(1);
    expect(results[0].cause).toMatchObject({ code: 'token_absent', evidence: { token_cause: 'invalid_grant' } });
  });

  it.each([
    ['another client', (yaml: string) => yaml.replace('client_id: lab-user', 'client_id: lab-other')],
    ['other scopes', (yaml: string) => yaml.replace('[models.read]', '[models.read, usage.read]')],
  ])("is refused the daemon's token when it means %s by the name", async (_, changed) => {
    const yaml = configure(await seed());
    const daemon = await runDaemon(yaml);
    await daemon.log.line(({ fields }) => fields.outcome === 'passed' && fields.check === 'models');
    const refused = await runOnce(changed(yaml), daemon.stateDir).catch((error: unknown) => error);
    expect(refused).toMatchObject({ exit: 2 });
    expect(String(refused)).toMatch(
      /means another issuer, client, grant or other scopes by the token lab, or asks for something else with it: reload it, or choose its environment by --env/,
    );
  });

  it("does not send a daemon's token to the target of another environment", async () => {
    const heard: unknown[] = [];
    const target = createServer((request, response) => {
      heard.push(request.headers.authorization);
      response.end();
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void target.close());
    const { port } = target.address() as AddressInfo;
    const prod = `
environments:
  prod:
    tokens:
      lab:
        issuer: http://127.0.0.1:9
    checks:
      models:
        http: http://127.0.0.1:${port}/v1/models
`;
    const yaml = `${configure(await seed())}${prod}`;
    const daemon = await runDaemon(yaml);
    await daemon.log.line(({ fields }) => fields.outcome === 'passed' && fields.check === 'models');
    const refused = await runOnce(yaml, daemon.stateDir, 'prod').catch((error: unknown) => error);
    expect(refused).toMatchObject({ exit: 2, message: expect.stringContaining('choose its environment by --env') });
    expect(heard).toEqual([]);
  });

  it('goes on by itself when the daemon dies before it has lent', async () => {
    const stateDir = await temporaryFolder();
    const dying = createServer((request) => request.socket.destroy());
    await new Promise<void>((resolve) => dying.listen(join(stateDir, 'sonde.sock'), resolve));
    onTestFinished(() => void dying.close());
    expect(await runOnce(configure(await seed()), stateDir)).toMatchObject({ code: 0 });
  });

  it('is refused where the daemon does not know the token', async () => {
    const refreshToken = await seed();
    const daemon = await runDaemon(configure(refreshToken));
    const other = runOnce(configure(refreshToken, 'other'), daemon.stateDir);
    await expect(other).rejects.toThrow(Refused);
    await expect(other).rejects.toThrow(
      /is of no use for other: No token of that name is configured\. Reload it, or name another folder/,
    );
  });

  it.each(['{"token":"of another shape"}', 'no JSON'])('is refused where the daemon answers %j', async (answer) => {
    const stateDir = await temporaryFolder();
    const stranger = createServer((_, response) => response.end(answer));
    await new Promise<void>((resolve) => stranger.listen(join(stateDir, 'sonde.sock'), resolve));
    onTestFinished(() => void stranger.close());
    await expect(runOnce(configure(await seed()), stateDir)).rejects.toThrow(/gave no usable answer \(200\)/);
  });
});

describe('a single run without a daemon', () => {
  it('takes the lock, refreshes, and leaves the successor in the store', async () => {
    const yaml = configure(await seed());
    const stateDir = await temporaryFolder();
    expect(await runOnce(yaml, stateDir)).toMatchObject({ code: 0 });
    const asked = world.issuer.tokenRequests();
    expect(await runOnce(yaml, stateDir)).toMatchObject({ code: 0 });
    expect(world.issuer.tokenRequests()).toBe(asked);
  });

  it('is refused while another process holds the state folder', async () => {
    const stateDir = await temporaryFolder();
    const lock = await createSystem().files.lockFolder(stateDir);
    onTestFinished(() => lock?.release());
    await expect(runOnce(configure(await seed()), stateDir)).rejects.toThrow(/Another sonde runs on the state folder/);
  });
});

describe('a daemon that is started again', () => {
  it('goes on with the family that its store holds, over several generations', async () => {
    const yaml = configure(await seed());
    const folder = await temporaryFolder();
    for (let start = 0; start < 3; start++) {
      const daemon = await runDaemon(yaml, { folder });
      const { fields } = await daemon.log.line((line) => line.fields.check === 'models');
      expect(fields).toMatchObject({ outcome: 'passed' });
      await daemon.stop();
    }
  });
});

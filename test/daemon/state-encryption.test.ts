import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../lab/world.ts';
import { type RunningDaemon, runDaemon } from '../support/running-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

/** A folder with a family of its own, and keys in files as Docker and Kubernetes mount them. */
async function scene() {
  const folder = await temporaryFolder();
  const place = (name: string, text: string) => writeFile(join(folder, name), `${text}\n`);
  await place('seed', await world.issuer.mintRefreshToken('lab-user', ['models.read']));
  await place('secret', world.issuer.clientSecret('lab-user'));
  for (const name of ['first', 'second']) await place(name, randomBytes(32).toString('base64'));
  const file = (name: string) => `\${file:${join(folder, name)}}`;
  const yaml = (key?: string, ...oldKeys: string[]) => `
${key === undefined ? '' : `state_encryption:\n  key: ${file(key)}\n  old_keys: [${oldKeys.map((old) => `"${file(old)}"`)}]`}
tokens:
  lab:
    issuer: ${world.issuer.origin}
    grant: refresh_token
    client_id: lab-user
    client_secret: ${file('secret')}
    refresh_token: ${file('seed')}
    scopes: [models.read]
checks:
  models:
    every: 200ms
    token: lab
    http: ${world.api.origin}/v1/models
`;
  return { folder, yaml, stored: () => readFile(join(folder, 'state', 'tokens.json'), 'utf8') };
}

const outcomeOf = async (daemon: RunningDaemon) =>
  (await daemon.log.line(({ fields }) => fields.token === 'lab')).fields;

describe('a daemon with keys for its state', () => {
  it('encrypts at a reload what it had in plain text, and goes on with it after a restart', async () => {
    const { folder, yaml, stored } = await scene();
    const first = await runDaemon(yaml(), { folder });
    expect(await outcomeOf(first)).toMatchObject({ outcome: 'passed' });
    expect(await stored()).toContain('refreshToken');
    await first.rewrite(yaml('first'));
    expect(await first.reload()).toMatchObject({ successful: true });
    expect(await stored()).toContain('ciphertext');
    expect(await stored()).not.toMatch(/refreshToken|lab|models/);
    await first.stop();

    const asked = world.issuer.tokenRequests();
    const second = await runDaemon(yaml('first'), { folder });
    await second.log.line(({ fields }) => fields.check === 'models' && fields.outcome === 'passed');
    expect(world.issuer.tokenRequests()).toBe(asked);
  });

  it('takes another key over at a reload that lists the old one, and refuses one that does not', async () => {
    const { folder, yaml, stored } = await scene();
    const daemon = await runDaemon(yaml('first'), { folder });
    expect(await outcomeOf(daemon)).toMatchObject({ outcome: 'passed' });
    const before = await stored();
    const { keyId } = JSON.parse(before);

    await daemon.rewrite(yaml('second'));
    expect(await daemon.reload()).toMatchObject({
      successful: false,
      problems: [expect.stringContaining(`is encrypted with the key ${keyId}, and the configuration has `)],
    });
    expect(await stored()).toBe(before);
    await daemon.rewrite(yaml('second', 'first'));
    expect(await daemon.reload()).toMatchObject({ successful: true });
    expect(JSON.parse(await stored()).keyId).not.toBe(keyId);
    await daemon.stop();

    const restarted = await runDaemon(yaml('second'), { folder });
    expect(await outcomeOf(restarted)).toMatchObject({ outcome: 'passed' });
  });

  it('does not touch a store that it has no key for, and says which one it takes', async () => {
    const { folder, yaml, stored } = await scene();
    const first = await runDaemon(yaml('first'), { folder });
    await outcomeOf(first);
    await first.stop();
    const before = await stored();
    for (const other of [yaml(), yaml('second')]) {
      const daemon = await runDaemon(other, { folder });
      const { cause, detail } = await outcomeOf(daemon);
      expect(cause).toBe('secret_unavailable');
      expect(detail).toContain(`is encrypted with the key ${JSON.parse(before).keyId}`);
      await daemon.stop();
      expect(await stored()).toBe(before);
    }
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readTokenFile } from '../../src/auth/store/token-file-format.ts';
import { diff } from '../../src/cli/diff.ts';
import { validate } from '../../src/cli/validate.ts';
import { createSystem } from '../../src/system/system.ts';
import type { ApiFaultName } from '../lab/api-faults.ts';
import { createLabCertificates, type LabCertificates } from '../lab/certificates.ts';
import type { IssuerFaultName } from '../lab/issuer-faults.ts';
import { startWorld, type World } from '../lab/world.ts';
import { startFakeVault } from '../secrets/fake-vault.ts';
import { runDaemon } from '../support/running-daemon.ts';
import { startSonde } from '../support/sonde-process.ts';
import { type CanaryDaemon, startCanaryDaemon } from './canary-daemon.ts';
import { brokenConfigurations, labHome, labTokens, stateKey } from './canary-lab.ts';
import { finish, logInToAll } from './canary-logins.ts';
import {
  type CanaryHome,
  env,
  expectNoLeaks,
  placeState,
  runCommand,
  runOnce,
  setOutCanaries,
  systemOf,
} from './canary-setting.ts';

const canaries = setOutCanaries('the lab');

let certificates: LabCertificates;
let world: World;
beforeAll(async () => {
  certificates = await createLabCertificates();
  world = await startWorld({ certificates, dpopNonces: true, deviceIntervalSeconds: 1, slowMs: 1_500 });
});
afterAll(() => world.close());

/** Resolves once each check has passed. */
async function untilPassed(daemon: CanaryDaemon, names: Iterable<string>): Promise<void> {
  const waiting = new Set<unknown>(names);
  await daemon.until(({ check, outcome }) => {
    if (outcome === 'passed') waiting.delete(check);
    return waiting.size === 0;
  });
}

/** The tokens of a plain store may stand in it; what else is in it that is secret becomes a canary. */
const lawfulInStore = ['access_token', 'refresh_token', 'key of proofs'];

async function placePlainStore(home: CanaryHome, name: string): Promise<void> {
  const reading = readTokenFile(await readFile(join(home.stateDir, 'tokens.json'), 'utf8'), undefined);
  if ('fault' in reading) throw new Error(reading.fault);
  for (const { dpopKey } of reading.content.tokens.values())
    if (dpopKey) canaries.add('key of proofs', JSON.parse(dpopKey.reveal()).d);
  await placeState(canaries, home, name, lawfulInStore);
}

/** Breaks the lab under the daemon in the ways that lead to suspicion, introspection and refusals. */
async function breakUnder(daemon: CanaryDaemon): Promise<void> {
  const apiFaults: ApiFaultName[] = ['token-expired', 'token-revoked', 'scope-strict', 'html-401', 'status-500'];
  for (const fault of apiFaults) {
    await world.api.faults.set(fault);
    await daemon.untilNext(({ check, outcome }) => check !== undefined && outcome === 'failed');
    await world.api.faults.clear();
  }
  const issuerFaults: IssuerFaultName[] = ['html-200', 'no-access-token', 'negative-expiry', 'status-500'];
  for (const fault of issuerFaults) {
    await world.issuer.faults.set(fault);
    await daemon.untilNext(
      ({ token, check, outcome }) => token !== undefined && check === undefined && outcome !== 'passed',
    );
    await world.issuer.faults.clear();
  }
}

it('a daemon tells nothing of logins, faults, broken configurations and changes of its keys', {
  timeout: 180_000,
}, async () => {
  const vault = await startFakeVault(createSystem().clock);
  const home = await labHome(canaries, { world, certificates, vault });
  await home.write(home.configuration());
  const daemon = await startCanaryDaemon(canaries, home, 'daemon');
  const others = ['of-vault', 'of-address', 'of-key'];
  await untilPassed(daemon, [...labTokens('client'), ...others]);
  await daemon.harvest();
  await logInToAll(canaries, home, world.issuer.origin);
  await untilPassed(daemon, labTokens('person'));
  expect(JSON.parse(await runOnce(canaries, home, 'beside the daemon'))).toHaveLength(
    labTokens('client').length + labTokens('person').length + others.length,
  );
  await breakUnder(daemon);
  await daemon.harvest();
  await placePlainStore(home, 'plain store');

  for (const wrong of brokenConfigurations(canaries, home)) {
    await home.write(wrong);
    await daemon.reload();
    canaries.place('daemon: / with a broken configuration', (await daemon.get('/')).body);
    await runCommand(canaries, 'validate a broken configuration', (output) =>
      validate(systemOf(home), output, [home.file], { print: true }),
    );
  }
  const [first, second] = [await stateKey(canaries, home, 'first'), await stateKey(canaries, home, 'second')];
  await home.write(home.configuration({ state_encryption: { key: first } }));
  await daemon.reload();
  await placeState(canaries, home, 'encrypted store');
  await home.write(home.configuration({ state_encryption: { key: second, old_keys: [first] } }));
  await daemon.reload();
  await placeState(canaries, home, 'store with its second key');

  const out = startSonde(['logout', home.file, '--token', 'lab-person-app', '--state-dir', home.stateDir], {
    env: home.environment,
  });
  await finish(canaries, 'logout', out);
  expect((await readFile(home.exported, 'utf8')).length).toBeGreaterThan(0);
  await daemon.harvest();
  await daemon.stop();
  await placeState(canaries, home, 'store that is left');
});

/** Every fault of the lab, each met by a single run that fetches its tokens itself. */
it('nor a single run of any fault of the lab', async () => {
  const vault = await startFakeVault(createSystem().clock);
  const meet = async (name: string) => {
    const home = await labHome(canaries, { world, certificates, vault });
    await home.write(home.configuration({ defaults: { timeout: '1s' } }));
    return runOnce(canaries, home, name);
  };
  const harmless: string[] = [];
  for (const { name } of world.api.faults.list()) {
    await world.api.faults.set(name);
    if (!/"outcome": "(failed|errored)"/.test(await meet(name))) harmless.push(name);
    await world.api.faults.clear();
  }
  // It harms those whose tokens are JWTs, by a refusal alone.
  expect(harmless).toEqual(['date-ahead']);
  for (const { name } of world.issuer.faults.list()) {
    await world.issuer.faults.set(name);
    await meet(name);
    await world.issuer.faults.clear();
  }
});

it('nor commands that show what is configured', async () => {
  const vault = await startFakeVault(createSystem().clock);
  const home = await labHome(canaries, { world, certificates, vault });
  const client_secret = (value: string) => ({ tokens: { 'lab-service': { client_secret: value } } });
  const environments = {
    one: client_secret(env('STATIC_VALUE')),
    other: client_secret(env('BASIC_PASSWORD')),
    plain: client_secret(canaries.secret('secret in plain text')),
    shared: client_secret(env('STATIC_VALUE')),
  };
  await home.write(home.configuration({ environments, allow_plaintext_secrets: true }));
  const system = systemOf(home);
  for (const options of [{}, { print: true }, { env: 'all' }, { env: 'plain', print: true }])
    await runCommand(canaries, 'validate', (output) => validate(system, output, [home.file], options));
  const diffs = Object.keys(environments).map((name) => ['-', name] as const);
  for (const pair of [...diffs, ['one', 'other'] as const, ['one', 'shared'] as const])
    for (const json of [false, true]) {
      const { exit } = await runCommand(canaries, 'diff', (output) =>
        diff(system, output, pair, [home.file], { json }),
      );
      expect(exit).toBe(0);
    }
});

it('nor a bug whose message quotes what it broke on', async () => {
  const vault = await startFakeVault(createSystem().clock);
  const home = await labHome(canaries, { world, certificates, vault });
  await home.write(home.configuration());
  const system = systemOf(home);
  const secrets = [...Object.values(home.environment)];
  const random = {
    ...system.random,
    bytes(count: number) {
      // Of the spans that each request is given.
      if (count === 8) throw new Error(`a bug that quotes ${secrets.join(' ')}`);
      return system.random.bytes(count);
    },
  };
  const daemon = await runDaemon(JSON.stringify(home.configuration()), {
    folder: home.folder,
    system: { ...system, random },
  });
  for (const check of ['of-key', 'of-address'])
    await daemon.log.line(({ fields }) => fields.check === check && fields.cause === 'internal');
  await daemon.log.line(({ fields }) => fields.token === 'lab-service' && fields.cause === 'internal');
  for (const path of ['/', '/metrics', '/api/v1/checks', '/api/v1/tokens'])
    canaries.place(`bug: ${path}`, (await daemon.get(path)).body);
  await daemon.stop();
  canaries.place('bug: log', JSON.stringify(daemon.log.lines));
});

it('so none of them is found', () => {
  const ofLogins = ['code', 'code_verifier', 'device_code', 'cookie', 'refresh_token', 'access_token'];
  const ofClients = [
    'client_secret',
    'basic credentials',
    'client_assertion',
    'assertion',
    'dpop proof',
    'private key',
  ];
  const ofVault = ['vault token', 'secret_id', 'value of vault', 'client_token', 'password'];
  expectNoLeaks(canaries, ...ofLogins, ...ofClients, ...ofVault, 'token', 'key of proofs', 'state key');
});

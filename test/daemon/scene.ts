import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { once } from '../../src/cli/once.ts';
import type { CauseCode } from '../../src/model/cause.ts';
import { createSystem, type System } from '../../src/system/system.ts';
import { type LabClientId, labClients } from '../lab/issuer-clients.ts';
import type { World } from '../lab/world.ts';
import type { RunningDaemon } from '../support/running-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A whole configuration: one check of the lab's API named `api`, with the token `lab` when a client is named. */
export interface Scene {
  readonly origin?: string;
  readonly path?: string;
  readonly client?: LabClientId;
  /** Keys of the token, over those that the client has in any case. */
  readonly token?: Readonly<Record<string, unknown>>;
  /** Keys of the check. */
  readonly check?: Readonly<Record<string, unknown>>;
  /** Further checks, without a token. */
  readonly checks?: Readonly<Record<string, unknown>>;
  /** Further sections. */
  readonly sections?: Readonly<Record<string, unknown>>;
}

/** What the client of the lab shows to be known, as the configuration says it. */
function credentialsOf({ issuer }: World, client: LabClientId): Readonly<Record<string, unknown>> {
  const { authentication, grant } = labClients[client];
  if (authentication.startsWith('client_secret')) return { client_secret: issuer.clientSecret(client) };
  const signs = authentication === 'private_key_jwt' || grant === 'jwt_bearer';
  return signs ? { private_key: issuer.clientKey(client).pem } : {};
}

export function configure(
  world: World,
  { client, token, check, checks, sections, path = '/v1/models', ...scene }: Scene,
): string {
  const known = client && {
    issuer: world.issuer.origin,
    grant: labClients[client].grant,
    client_id: client,
    client_auth: labClients[client].authentication,
    ...credentialsOf(world, client),
    scopes: ['models.read'],
    timeout: '1s',
    ...token,
  };
  return stringify({
    allow_plaintext_secrets: true,
    ...sections,
    ...(known ? { tokens: { lab: known } } : {}),
    checks: {
      api: {
        every: '100ms',
        timeout: '1s',
        ...(known ? { token: 'lab' } : {}),
        http: `${scene.origin ?? world.api.origin}${path}`,
        ...check,
      },
      ...checks,
    },
  });
}

/** A result as `sonde once --json` prints it. */
export interface PrintedResult {
  readonly outcome: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly cause: {
    readonly code: CauseCode;
    readonly detail: string;
    readonly sentence: string;
    readonly evidence: Readonly<Record<string, unknown>>;
  };
}

interface OnceSetUp {
  readonly stateDir?: string;
  readonly system?: System;
}

/** Runs the scene once, as `sonde once --json` does, and returns the only result. */
export async function runOnce(
  world: World,
  scene: Scene,
  { stateDir, system = createSystem() }: OnceSetUp = {},
): Promise<PrintedResult> {
  const folder = await temporaryFolder();
  const file = join(folder, 'sonde.yaml');
  await writeFile(file, configure(world, scene));
  const printed: string[] = [];
  const output = { out: (text: string) => void printed.push(text), err: () => {} };
  const signals = { onReload() {}, onStop() {} };
  const options = { json: true, colour: false, stateDir: stateDir ?? join(folder, 'state') };
  await once(system, output, signals, [file], options);
  const [result] = JSON.parse(printed.join(''));
  return result;
}

/** A run without a token to send tells why there is none; resolves with the cause. */
export async function expectTokenCause(
  world: World,
  code: CauseCode,
  scene: Scene,
  setUp: OnceSetUp = {},
): Promise<PrintedResult['cause']> {
  const { outcome, cause } = await runOnce(world, scene, setUp);
  expect({ outcome, ...cause }).toMatchObject({
    outcome: 'skipped',
    code: 'token_absent',
    evidence: { token: 'lab', token_cause: code },
  });
  return cause;
}

/** The first run of the token that ends so. */
export const tokenRun = ({ log }: RunningDaemon, code: CauseCode) =>
  log.line(({ fields }) => fields.token === 'lab' && fields.check === undefined && fields.cause === code);

/** The first run of the check that ends so; undefined when it passes. */
export const checkRun = ({ log }: RunningDaemon, cause: CauseCode | undefined) =>
  log.line(({ fields }) => fields.check === 'api' && fields.cause === cause);

/** This machine, with a wall clock that is off by so many milliseconds. */
export function createSkewedSystem(offMs: number): System {
  const system = createSystem();
  return { ...system, clock: { ...system.clock, wallMs: () => system.clock.wallMs() + offMs } };
}

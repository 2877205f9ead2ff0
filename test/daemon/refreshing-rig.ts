import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readTokenFile } from '../../src/auth/store/token-file-format.ts';
import type { StoredToken } from '../../src/model/token.ts';
import { startWorld } from '../lab/world.ts';
import { type SondeProcess, startSonde } from '../support/sonde-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type IssuerRelay, startIssuerRelay } from './issuer-relay.ts';

/**
 * A daemon that refreshes each second, by a real issuer that rotates refresh tokens, and an API that asks the issuer of
 * each token.
 */
export interface RefreshingRig {
  readonly relay: IssuerRelay;
  readonly stateDir: string;
  /** Starts the daemon as a process, on what the one before has left; `through` a command that runs the one behind it. */
  start(through?: readonly string[]): SondeProcess;
  /** What a consent brings is in the environment of the starts to come. */
  newFamily(): Promise<void>;
  /** What stands in the store, which is only looked at; rejects when it is damaged. */
  stored(): Promise<StoredToken | undefined>;
  /** New files that were to take the place of the old one, and that this process does not write. */
  leftovers(living: SondeProcess): Promise<string[]>;
  /** What the API answers who shows the token that is stored. */
  apiStatus(): Promise<number>;
}

export async function startRefreshingRig(): Promise<RefreshingRig> {
  const world = await startWorld();
  onTestFinished(world.close);
  const relay = await startIssuerRelay(world.issuer.origin);
  onTestFinished(relay.close);
  const folder = await temporaryFolder();
  const stateDir = join(folder, 'state');
  const file = join(folder, 'sonde.yaml');
  const api = `${world.api.origin}/v1/models`;
  await writeFile(file, configuration(relay.tokenEndpoint, api));
  let env: Readonly<Record<string, string>> = {};

  const newFamily = async () => {
    relay.forget();
    env = { ...(await world.environment()), SONDE_LOG_LEVEL: 'debug' };
  };
  const stored = async () => {
    const text = await readFile(join(stateDir, 'tokens.json'), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const reading = readTokenFile(text, undefined);
    if ('fault' in reading) throw new Error(`the store ${reading.fault}`);
    return reading.content.tokens.get('lab');
  };
  await newFamily();
  return {
    relay,
    stateDir,
    start: (through = []) => startSonde(['run', file, '--state-dir', stateDir], { env, through }),
    newFamily,
    stored,
    async leftovers({ child }) {
      const names = await readdir(stateDir);
      return names.filter((name) => name.endsWith('.new') && !name.endsWith(`.${child.pid}.new`));
    },
    async apiStatus() {
      const token = (await stored())?.accessToken?.reveal();
      return (await fetch(api, { headers: { authorization: `Bearer ${token}` } })).status;
    },
  };
}

function configuration(tokenEndpoint: string, api: string): string {
  return `
server:
  listen: 127.0.0.1:0
tokens:
  lab:
    token_endpoint: ${tokenEndpoint}
    grant: refresh_token
    client_id: lab-user
    client_secret: \${env:LAB_USER_SECRET}
    refresh_token: \${env:LAB_REFRESH_TOKEN}
    scopes: [models.read]
    refresh:
      every: 1s
checks:
  models:
    every: 500ms
    token: lab
    http: ${api}
`;
}

/** What a line tells of the run of the rig's token that it is about. */
export interface TokenLine {
  readonly outcome: string;
  readonly cause?: string;
  readonly detail?: string;
}

/** A token run that has brought a new token by the issuer. */
export const refreshedLine = /"token":"lab".*"outcome":"passed".*"wait":/;
/** A token run that has not. */
export const failedLine = /"token":"lab".*"outcome":"(?!passed)/;

/** How the first run ended that the issuer was asked in, or was to be. */
export async function firstRefresh(daemon: SondeProcess): Promise<TokenLine> {
  return JSON.parse(await Promise.race([daemon.line(refreshedLine), daemon.line(failedLine)]));
}

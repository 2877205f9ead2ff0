import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { login } from '../../src/cli/login.ts';
import { logout } from '../../src/cli/logout.ts';
import type { Output } from '../../src/cli/output.ts';
import { Refused } from '../../src/cli/refused.ts';
import type { Signals } from '../../src/cli/signals.ts';
import { createSystem, type System } from '../../src/system/system.ts';
import type { Issuer } from '../lab/issuer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Tokens of every kind of login, at the lab's issuer. */
export function tokensAt({ origin, clientSecret }: Issuer): string {
  const token = (name: string, grant: string, client: string, more = '') => `
  ${name}:
    issuer: ${origin}
    grant: ${grant}
    client_id: ${client}
    client_auth: none
    scopes: [models.read, usage.read]
${more}`;
  return `
allow_plaintext_secrets: true
server:
  listen: 127.0.0.1:0
tokens:${[
    token('person', 'authorization_code', 'lab-person-app'),
    token('bound', 'authorization_code', 'lab-person-dpop', '    dpop: true\n'),
    token(
      'elsewhere',
      'authorization_code',
      'lab-person-app',
      '    login:\n      redirect_uri: https://app.example/cb\n',
    ),
    token('device', 'device_code', 'lab-device'),
  ].join('')}
  robot:
    issuer: ${origin}
    grant: client_credentials
    client_id: lab-service
    client_secret: ${clientSecret('lab-service')}
`;
}

/** What a command printed, on which a test can wait. */
interface Screen extends Output {
  text(): string;
  /** Resolves with the first match in what was printed, or will be. */
  shows(pattern: RegExp): Promise<RegExpMatchArray>;
}

function createScreen(): Screen {
  let text = '';
  const looking = new Set<() => void>();
  const add = (more: string) => {
    text += more;
    for (const look of looking) look();
  };
  return {
    out: add,
    err: add,
    text: () => text,
    shows: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          const found = pattern.exec(text);
          if (!found) return;
          looking.delete(look);
          resolve(found);
        };
        looking.add(look);
        look();
      }),
  };
}

export interface LoginRun {
  readonly screen: Screen;
  /** What the person types or pastes. */
  readonly input: PassThrough;
  /** Resolves with the exit code; sentences of a refusal are on the screen. */
  readonly ended: Promise<number>;
  /** Sends SIGINT. */
  interrupt(): void;
}

interface RunOptions {
  readonly system?: System;
  readonly device?: boolean;
  readonly paste?: boolean;
  readonly env?: string;
  readonly terminal?: boolean;
  /** What the browser does that is told to open an address; false without one. */
  openBrowser?(address: URL): Promise<boolean>;
}

/** A host with a configuration, where the commands run in this process. */
export async function loginHost(yaml: string, folder?: string) {
  const home = folder ?? (await temporaryFolder());
  const file = join(home, 'sonde.yaml');
  const stateDir = join(home, 'state');
  await writeFile(file, yaml);
  const begin = (command: (signals: Signals, screen: Screen, input: PassThrough) => Promise<number>): LoginRun => {
    const screen = createScreen();
    const input = new PassThrough({ encoding: 'utf8' });
    let stop = () => {};
    const signals: Signals = {
      onReload() {},
      onStop(callback) {
        stop = callback;
      },
    };
    const ended = command(signals, screen, input).catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      screen.err(`${error.message}\n`);
      return error.exit;
    });
    return { screen, input, ended, interrupt: () => stop() };
  };
  return {
    home,
    file,
    stateDir,
    login: (
      token: string,
      { system = createSystem(), openBrowser = async () => false, terminal = false, ...options }: RunOptions = {},
    ) =>
      begin((signals, output, input) =>
        login(system, { output, input, terminal, openBrowser }, signals, [file], { token, stateDir, ...options }),
      ),
    logout: (token: string, options: { env?: string } = {}) =>
      begin((signals, output) => logout(createSystem(), output, signals, [file], { token, stateDir, ...options })),
  };
}

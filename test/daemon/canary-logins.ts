import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type LoginOptions, login } from '../../src/cli/login.ts';
import type { LabClientId } from '../lab/issuer-clients.ts';
import { approveDevice, consent } from '../lab/person.ts';
import { type SondeProcess, startSonde } from '../support/sonde-process.ts';
import type { Canaries } from './canaries.ts';
import { type CanaryHome, noSignals, runCommand, systemOf } from './canary-setting.ts';

const consentingBrowser = `${process.execPath} ${fileURLToPath(new URL('../cli/consenting-browser.ts', import.meta.url))}`;

/** Resolves when a command has ended well, and notes what it has printed. */
export async function finish(canaries: Canaries, name: string, { ended }: SondeProcess): Promise<void> {
  const { code, out, err } = await ended;
  canaries.place(`${name} stdout`, out);
  canaries.place(`${name} stderr`, err);
  expect({ code, err }).toEqual({ code: 0, err: '' });
}

/** Logs in by processes of their own in each way that there is, and by commands in this one to the other tokens. */
export async function logInToAll(canaries: Canaries, home: CanaryHome, issuer: string): Promise<void> {
  const begin = (token: LabClientId, options: readonly string[], more: Parameters<typeof startSonde>[1] = {}) =>
    startSonde(['login', home.file, '--token', token, '--state-dir', home.stateDir, ...options], {
      ...more,
      env: { ...home.environment, BROWSER: consentingBrowser },
    });
  const byPaste = async () => {
    const pasting = begin('lab-person-web', ['--paste'], { input: true });
    const address = (await pasting.line(/^ {2}http/)).trim();
    pasting.child.stdin?.end(`${await consent(address)}\n`);
    await finish(canaries, 'login --paste', pasting);
  };
  const byDevice = async () => {
    const polling = begin('lab-device', ['--device']);
    const code = (await polling.line(/^ {2}[A-Z]{4}-[A-Z]{4}$/)).trim();
    await approveDevice(issuer, code);
    await finish(canaries, 'login --device', polling);
  };
  const here = (token: LabClientId, options: Partial<LoginOptions> = {}) =>
    runCommand(canaries, `login to ${token}`, (output) => {
      const openBrowser = async (address: URL) => {
        void consent(address).then((redirect) => fetch(redirect));
        return true;
      };
      const person = { output, input: process.stdin, terminal: true, openBrowser };
      const choice = { token, stateDir: home.stateDir, ...options };
      return login(systemOf(home), person, noSignals, [home.file], choice);
    });
  const [bound, pushed] = await Promise.all([
    here('lab-person-dpop'),
    here('lab-person-pushed'),
    finish(canaries, 'login', begin('lab-person-app', [])),
    byPaste(),
    byDevice(),
  ]);
  expect([bound.err, pushed.err]).toEqual(['', '']);
}

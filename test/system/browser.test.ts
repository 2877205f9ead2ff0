import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBrowser } from '../../src/system/browser.ts';
import { awaitedFile } from '../support/awaited-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const address = new URL('https://a.example/auth?state=$(touch%20x)&b=`c`;d');

/** A program that writes down what it was started with, and the promise that it has. */
async function recordingProgram() {
  const folder = await temporaryFolder();
  const program = join(folder, 'browser');
  const seen = join(folder, 'seen');
  await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$@" > '${seen}.new' && mv '${seen}.new' '${seen}'\n`);
  await chmod(program, 0o755);
  const words = async () => (await awaitedFile(seen)).trimEnd().split('\n');
  return { program, words };
}

const opens = (environment: Readonly<Record<string, string>>, platform: NodeJS.Platform = 'linux', url = address) =>
  openBrowser(url, { environment: (name) => environment[name], platform });

describe('the browser of this host', () => {
  it('is what BROWSER names, started without a shell', async () => {
    const { program, words } = await recordingProgram();
    expect(await opens({ BROWSER: program })).toBe(true);
    expect(await words()).toEqual([address.href]);
  });

  it('takes the address where BROWSER puts it', async () => {
    const { program, words } = await recordingProgram();
    expect(await opens({ BROWSER: `${program} --new --app=%s --quiet` })).toBe(true);
    expect(await words()).toEqual(['--new', `--app=${address.href}`, '--quiet']);
  });

  it('is the first of several that can be started', async () => {
    const { program, words } = await recordingProgram();
    expect(await opens({ BROWSER: `/nowhere/browser:${program}` })).toBe(true);
    expect(await words()).toEqual([address.href]);
  });

  it.each([
    ['BROWSER=none', { BROWSER: 'none', DISPLAY: ':0' }],
    ['a BROWSER that is not there', { BROWSER: '/nowhere/browser' }],
    ['no display', {}],
  ])('is none with %s', async (_, environment) => {
    expect(await opens(environment)).toBe(false);
  });

  it.each(['file:///etc/passwd', 'javascript:alert(1)', 'ssh://a.example'])('opens no %s', async (url) => {
    const { program } = await recordingProgram();
    expect(await opens({ BROWSER: program }, 'linux', new URL(url))).toBe(false);
  });

  it.each([
    ['linux', { DISPLAY: ':0' }],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }],
    ['darwin', {}],
    ['win32', {}],
  ] as const)('is the one that %s has, if any, with %j', async (platform, environment) => {
    const before = process.env.PATH;
    process.env.PATH = '/nowhere';
    try {
      expect(await opens(environment, platform)).toBe(false);
    } finally {
      process.env.PATH = before;
    }
  });
});

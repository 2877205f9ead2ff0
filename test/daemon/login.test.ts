import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createSystem } from '../../src/system/system.ts';
import { loginHost, tokensAt } from '../cli/login-lab.ts';
import { approveDevice, consent } from '../lab/person.ts';
import { startWorld, type World } from '../lab/world.ts';
import { awaitedFile } from '../support/awaited-file.ts';
import { type RunningDaemon, runDaemon } from '../support/running-daemon.ts';
import { startSonde } from '../support/sonde-process.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ accessTokenSeconds: 600 });
});
afterAll(() => world.close());

const consentingBrowser = `${process.execPath} ${fileURLToPath(new URL('../cli/consenting-browser.ts', import.meta.url))}`;
const chromium = '/usr/bin/chromium';

/** The tokens of the lab, and a check that needs the person's. */
const configuration = () => `${tokensAt(world.issuer)}
checks:
  models:
    every: 100ms
    token: person
    http: ${world.api.origin}/v1/models
`;

/** A daemon whose token waits for a person, and the host that it runs on. */
async function daemonWithoutConsent(yaml = configuration()) {
  const host = await loginHost(yaml);
  const daemon = await runDaemon(yaml, { folder: host.home });
  await daemon.log.line(({ fields }) => fields.token === 'person' && fields.cause === 'consent_required');
  const nextCheck = (outcome: string) => {
    const seen = daemon.log.lines.length;
    return daemon.log.line(
      (line) =>
        daemon.log.lines.indexOf(line) >= seen &&
        fieldsOf(line).check === 'models' &&
        fieldsOf(line).outcome === outcome,
    );
  };
  const audits = () =>
    daemon.log.lines.filter(({ fields }) => fields.audit === true && /^log/.test(String(fields.event)));
  return { host, daemon, nextCheck, audits };
}

const fieldsOf = ({ fields }: { fields: Readonly<Record<string, unknown>> }) => fields;

/** A browser of a person who consents, in this process. */
const openBrowser = async (address: URL) => {
  void consent(address).then((redirect) => fetch(redirect));
  return true;
};

describe('a login beside a running daemon', () => {
  it('reaches it by a process of its own, without a restart, and leaves an audit line', async () => {
    const { host, daemon, nextCheck, audits } = await daemonWithoutConsent();
    const passes = nextCheck('passed');
    const args = ['login', host.file, '--token', 'person', '--state-dir', host.stateDir];
    const { code, out, err } = await startSonde(args, { env: { BROWSER: consentingBrowser } }).ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`kept by        the daemon that runs on ${host.stateDir}\n`);
    await passes;
    expect(audits()).toMatchObject([
      { fields: { event: 'login', token: 'person', outcome: 'done', who: [expect.stringMatching(/\d/)] } },
    ]);
    expect(JSON.stringify(daemon.log.lines)).not.toMatch(/refresh_token"|access_token"/);
  });

  it('brings tokens that are bound to a key', async () => {
    const { host, daemon } = await daemonWithoutConsent();
    const run = daemon.log.line(({ fields }) => fields.token === 'bound' && fields.outcome === 'passed');
    expect(await host.login('bound', { openBrowser }).ended).toBe(0);
    await run;
  });

  it('is ended by a logout: revoked, forgotten, and not asked for again', async () => {
    const { host, nextCheck, audits, daemon } = await daemonWithoutConsent();
    const passes = nextCheck('passed');
    expect(await host.login('person', { openBrowser }).ended).toBe(0);
    await passes;
    const asked = world.issuer.requests('/token/revocation');
    const skips = nextCheck('skipped');
    const { screen, ended } = host.logout('person');
    expect(await ended).toBe(0);
    expect(screen.text()).toMatch(/^Logged out of person: its tokens are revoked at the issuer, and forgotten here\./);
    expect(world.issuer.requests('/token/revocation')).toBeGreaterThan(asked);
    await skips;
    expect(audits()).toMatchObject([{ fields: { event: 'login' } }, { fields: { event: 'logout', outcome: 'done' } }]);
    expect((await daemon.get('/api/v1/tokens')).body).toContain('consent_required');

    const again = host.logout('person');
    expect(await again.ended).toBe(0);
    expect(again.screen.text()).toBe(
      'There was nothing to end: no tokens of this issuer and client are kept for person.\n',
    );
  });

  it('asks nobody for a token that the daemon does not know', async () => {
    const { host, daemon } = await daemonWithoutConsent();
    const other = await loginHost(
      configuration().replace('  person:', '  human:').replace('token: person', 'token: human'),
      host.home,
    );
    const { screen, ended } = other.login('human');
    expect(await ended).toBe(2);
    expect(screen.text()).toMatch(/is of no use for human: No token of that name is configured\. Reload it/);
    await daemon.stop();
  });

  it('asks nobody when the daemon means another client by the token', async () => {
    const { host, daemon } = await daemonWithoutConsent();
    await daemon.stop();
    const yaml = configuration().replace('lab-person-app', 'lab-person-web');
    await runDaemon(
      yaml.replace('client_auth: none', `client_secret: ${world.issuer.clientSecret('lab-person-web')}`),
      { folder: host.home },
    );
    const { screen, ended } = (await loginHost(configuration(), host.home)).login('person');
    expect(await ended).toBe(2);
    expect(screen.text()).toMatch(
      /means another issuer, client, grant or other scopes by the token person, or asks for something else with it: reload it/,
    );
  });

  it('goes on by the store when the daemon has gone meanwhile', async () => {
    const { host, daemon } = await daemonWithoutConsent();
    const { screen, ended } = host.login('person', {
      async openBrowser(address) {
        await daemon.stop();
        return openBrowser(address);
      },
    });
    expect(await ended).toBe(0);
    expect(screen.text()).toContain(`kept by        the store in ${host.stateDir}, for the next start`);
    const next = await runDaemon(configuration(), { folder: host.home });
    await next.log.line(({ fields }) => fields.check === 'models' && fields.outcome === 'passed');
  });

  it('asks nobody while the store of the daemon is damaged', async () => {
    const host = await loginHost(configuration());
    await mkdir(host.stateDir);
    await writeFile(join(host.stateDir, 'tokens.json'), '{"damaged":');
    await runDaemon(configuration(), { folder: host.home });
    const { screen, ended } = host.login('person');
    expect(await ended).toBe(3);
    expect(screen.text()).toMatch(/^The daemon that runs on .* has failed: The token store .* is damaged/);
    const out = host.logout('person');
    expect(await out.ended).toBe(3);
  });

  it('notes in an audit line that its tokens could not be stored', async () => {
    const { host, audits } = await daemonWithoutConsent();
    const { screen, ended } = host.login('device');
    const [, code = ''] = await screen.shows(/enter this code:\n\n {2}(\S+)/);
    await rm(join(host.stateDir, 'tokens.json'));
    await mkdir(join(host.stateDir, 'tokens.json'));
    await approveDevice(world.issuer.origin, code);
    expect(await ended).toBe(3);
    expect(screen.text()).toMatch(/has failed: The token store .* cannot be written/);
    expect(audits()).toMatchObject([{ fields: { event: 'login', token: 'device', outcome: 'failed' } }]);
  });

  it.each([
    ['no JSON', 200],
    ['[]', 200],
    ['There is nothing at this address.', 404],
  ])('is refused where the daemon answers %s', async (answer, status) => {
    const host = await loginHost(configuration());
    await mkdir(host.stateDir);
    const stranger = createServer((_, response) => response.writeHead(status).end(answer));
    await new Promise<void>((resolve) => stranger.listen(join(host.stateDir, 'sonde.sock'), resolve));
    onTestFinished(() => void stranger.close());
    const { screen, ended } = host.login('person');
    expect(await ended).toBe(3);
    expect(screen.text()).toContain(`gave no usable answer (${status}): is it another version?`);
  });
});

/**
 * A daemon (fake) that answers what it is asked by `answers`, and dies of all else: the socket is left, and its lock gone
 * unless `holdsLock`.
 */
async function dyingDaemon(stateDir: string, answers: Readonly<Record<string, object>>, holdsLock = false) {
  await mkdir(stateDir, { recursive: true });
  const asked: string[] = [];
  const daemon = createServer((request, response) => {
    const act = request.url?.split('/').at(-1) ?? '';
    asked.push(act);
    const answer = answers[act];
    if (!answer) return void request.socket.destroy();
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => daemon.listen(join(stateDir, 'sonde.sock'), resolve));
  onTestFinished(() => void daemon.close());
  const lock = holdsLock ? await createSystem().files.lockFolder(stateDir) : undefined;
  onTestFinished(() => lock?.release());
  return asked;
}

describe('a login beside a daemon that dies meanwhile', () => {
  it.each([
    ['is handed the tokens', { prepare: {}, code: { used: false } }],
    ['notes the code', { prepare: {} }],
    ['is asked whether it can take them', {}],
  ])('while it %s goes on by the store, and says so', async (_, answers) => {
    const host = await loginHost(configuration());
    await dyingDaemon(host.stateDir, answers);
    const { screen, ended } = host.login('person', { openBrowser });
    expect(await ended).toBe(0);
    expect(screen.text()).toContain(
      `The daemon that runs on ${host.stateDir} hung up before it had answered. Trying again.\n`,
    );
    expect(screen.text()).toContain(`kept by        the store in ${host.stateDir}, for the next start`);
    const next = await runDaemon(configuration(), { folder: host.home });
    await next.log.line(({ fields }) => fields.check === 'models' && fields.outcome === 'passed');
  });

  it('gives up on one that hangs up each time, and says that the tokens are lost', async () => {
    const host = await loginHost(configuration());
    const asked = await dyingDaemon(host.stateDir, { prepare: {}, code: { used: false } }, true);
    const { screen, ended } = host.login('person', { openBrowser });
    expect(await ended).toBe(3);
    expect(screen.text()).toMatch(/its tokens could not be handed over: they are lost\. Log in again/);
    expect(screen.text()).toMatch(/hangs up each time it is asked\.\n$/);
    expect(asked.filter((act) => act === 'login')).toHaveLength(3);
  });

  it('while it is asked for a logout has that done again', async () => {
    const host = await loginHost(configuration());
    expect(await host.login('person', { openBrowser }).ended).toBe(0);
    await dyingDaemon(host.stateDir, {});
    const { screen, ended } = host.logout('person');
    expect(await ended).toBe(0);
    expect(screen.text()).toMatch(/hung up before it had answered\. Trying again\.\nLogged out of person/);
  });
});

describe('a login without a daemon', () => {
  it('holds nothing while it waits: a daemon that starts meanwhile takes its tokens', async () => {
    const host = await loginHost(configuration());
    let daemon: RunningDaemon | undefined;
    const { screen, ended } = host.login('person', {
      async openBrowser(address) {
        daemon = await runDaemon(configuration(), { folder: host.home });
        return openBrowser(address);
      },
    });
    expect(await ended).toBe(0);
    expect(screen.text()).toContain(`kept by        the daemon that runs on ${host.stateDir}\n`);
    await daemon?.log.line(({ fields }) => fields.check === 'models' && fields.outcome === 'passed');
  });

  it('goes beside another one: the last to end is the one that is kept', async () => {
    const host = await loginHost(configuration());
    const inner = Promise.withResolvers<number>();
    const outer = host.login('person', {
      async openBrowser(address) {
        inner.resolve(await host.login('person', { openBrowser }).ended);
        return openBrowser(address);
      },
    });
    expect(await inner.promise).toBe(0);
    expect(await outer.ended).toBe(0);
    const next = await runDaemon(configuration(), { folder: host.home });
    await next.log.line(({ fields }) => fields.check === 'models' && fields.outcome === 'passed');
  });

  it('waits with its tokens for a folder that another process holds for a moment', async () => {
    const host = await loginHost(configuration());
    const { files } = createSystem();
    await files.makeFolder(host.stateDir);
    const { screen, ended } = host.login('device');
    const [, code = ''] = await screen.shows(/enter this code:\n\n {2}(\S+)/);
    const lock = await files.lockFolder(host.stateDir);
    await approveDevice(world.issuer.origin, code);
    await screen.shows(/Another sonde holds the state folder .*: waiting for it, for a minute at most/);
    lock?.release();
    expect(await ended).toBe(0);
  });
});

describe('a logout without a daemon', () => {
  it('revokes what is stored, and forgets it', async () => {
    const host = await loginHost(tokensAt(world.issuer));
    expect(await host.login('person', { openBrowser }).ended).toBe(0);
    const { screen, ended } = host.logout('person');
    expect(await ended).toBe(0);
    expect(screen.text()).toMatch(/^Logged out of person/);
  });

  it('says so with exit code 3 when an exported token stays behind', async () => {
    const exported = join((await loginHost('')).home, 'exported');
    await mkdir(exported);
    const token = `    export:\n      file: ${exported}\n`;
    const host = await loginHost(
      tokensAt(world.issuer).replace('    client_auth: none\n', `    client_auth: none\n${token}`),
    );
    const { screen, ended } = host.logout('person');
    expect(await ended).toBe(3);
    expect(screen.text()).toContain(exported);
  });

  it('forgets what an issuer without revocation goes on taking', async () => {
    const { origin } = world.issuer;
    const endpoints = `authorization_endpoint: ${origin}/auth\n    token_endpoint: ${origin}/token`;
    const host = await loginHost(tokensAt(world.issuer).replace(`issuer: ${origin}`, endpoints));
    expect(await host.login('person', { openBrowser }).ended).toBe(0);
    const { screen, ended } = host.logout('person');
    expect(await ended).toBe(0);
    expect(screen.text()).toMatch(/forgotten here\. The issuer offers no revocation, so they stay good there/);
  });

  it('forgets it also when the issuer is down, and says so with exit code 1', async () => {
    const host = await loginHost(tokensAt(world.issuer));
    expect(await host.login('person', { openBrowser }).ended).toBe(0);
    await world.issuer.faults.set('down', 'always');
    const { screen, ended } = host.logout('person');
    expect(await ended).toBe(1);
    await world.issuer.faults.clear();
    expect(screen.text()).toMatch(
      /^The tokens of person are forgotten here, and may still be good at the issuer\.\nThe issuer did not revoke .*refused/,
    );
    const again = host.logout('person');
    expect(await again.ended).toBe(0);
    expect(again.screen.text()).toMatch(/^There was nothing to end/);
  });
});

describe('a login by a process of its own', () => {
  it('reads a pasted address from a pipe, as kubectl exec -i gives one', async () => {
    const host = await loginHost(tokensAt(world.issuer));
    const args = ['login', host.file, '--token', 'person', '--paste', '--state-dir', host.stateDir];
    const sonde = startSonde(args, { input: true });
    const address = await sonde.line(/^ {2}http.*code_challenge/);
    const { href } = await consent(address.trim());
    sonde.child.stdin?.end(`${href}\n`);
    expect(await sonde.ended).toMatchObject({ code: 0, err: '', out: expect.stringContaining('Logged in to person.') });
  });

  it.each([
    ['by Ctrl-C', 'SIGINT'],
    ['with its terminal', 'SIGHUP'],
  ] as const)('ends %s with 1 and leaves the state folder free', async (_, signal) => {
    const host = await loginHost(tokensAt(world.issuer));
    const args = ['login', host.file, '--token', 'person', '--state-dir', host.stateDir];
    const sonde = startSonde(args, { env: { BROWSER: 'none' } });
    await sonde.line(/^Waiting for the answer/);
    sonde.child.kill(signal);
    expect(await sonde.ended).toMatchObject({ code: 1, err: 'The login to person was ended. Nothing has changed.\n' });
    expect(await host.login('person', { openBrowser }).ended).toBe(0);
  });

  it('says how it is used', async () => {
    const { code, out } = await startSonde(['login', '--help']).ended;
    expect(code).toBe(0);
    expect(out).toMatch(/--token <name>[\s\S]*--device[\s\S]*--paste[\s\S]*kubectl exec/);
    expect((await startSonde(['login', 'sonde.yaml']).ended).code).toBe(2);
    expect((await startSonde(['logout', '--help']).ended).out).toContain('revoke its tokens');
  });

  it.runIf(existsSync(chromium))('goes through a real browser', async () => {
    const host = await loginHost(tokensAt(world.issuer));
    const script = join(host.home, 'browser.sh');
    const page = join(host.home, 'page.html');
    const switches = `--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir=${host.home}/profile`;
    const dumps = `${chromium} ${switches} --dump-dom "$1" > ${page}.part 2> ${page}.errors`;
    await writeFile(script, `#!/bin/sh\n${dumps}\nmv ${page}.part ${page}\n`);
    await chmod(script, 0o755);
    const args = ['login', host.file, '--token', 'person', '--state-dir', host.stateDir];
    const { code, err, out } = await startSonde(args, { env: { BROWSER: script, HOME: host.home } }).ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Logged in to person.');
    expect(await awaitedFile(page)).toContain('<h1>sonde has the answer</h1>');
  });
});

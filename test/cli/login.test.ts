import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createTokenFileStore } from '../../src/auth/store/token-file-store.ts';
import type { Secret } from '../../src/model/secret.ts';
import type { StoredToken } from '../../src/model/token.ts';
import { createSystem } from '../../src/system/system.ts';
import { type Issuer, startIssuer } from '../lab/issuer.ts';
import { approveDevice, consent, denyDevice } from '../lab/person.ts';
import { runDaemon } from '../support/running-daemon.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';
import { loginHost, tokensAt } from './login-lab.ts';

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer({ accessTokenSeconds: 600, deviceIntervalSeconds: 1 });
});
afterAll(() => issuer.close());
afterEach(() => issuer.faults.clear());

/** A browser of a person who answers so, and then comes back. */
const browser =
  (answer: 'grant' | 'deny' | 'fewer' = 'grant') =>
  async (address: URL) => {
    void consent(address, { answer }).then((redirect) => fetch(redirect));
    return true;
  };

/** What the store on disk says of a token. */
async function stored(stateDir: string, token: string): Promise<StoredToken> {
  const found = await createTokenFileStore(createSystem(), stateDir).read(token);
  if (!found) throw new Error(`nothing is stored for ${token}`);
  return found;
}

const isLive = async (token: Secret | undefined) => (await issuer.introspect(token?.reveal() ?? '')).active;

describe('a login in a browser of this host', () => {
  it('stores what the person has given where no daemon runs, and tells it', async () => {
    const { login, stateDir } = await loginHost(tokensAt(issuer));
    const { screen, ended } = login('person', { openBrowser: browser() });
    expect(await ended).toBe(0);
    expect(screen.text()).toMatch(/^Open this address in a browser/);
    expect(screen.text()).toContain(
      [
        'Logged in to person.',
        '',
        '  scopes         models.read, usage.read',
        '  expires in     9 min 59 s',
        '  refresh token  yes',
        `  kept by        the store in ${stateDir}, for the next start of sonde on it`,
      ].join('\n'),
    );
    const { accessToken, refreshToken } = await stored(stateDir, 'person');
    expect([await isLive(accessToken), await isLive(refreshToken)]).toEqual([true, true]);
  });

  it('shows no secret', async () => {
    const { login, stateDir } = await loginHost(tokensAt(issuer));
    const codes: string[] = [];
    const { screen, ended } = login('bound', {
      async openBrowser(address) {
        const redirect = await consent(address);
        codes.push(redirect.searchParams.get('code') ?? '');
        void fetch(redirect);
        return true;
      },
    });
    expect(await ended).toBe(0);
    const { accessToken, refreshToken, dpopKey } = await stored(stateDir, 'bound');
    const tokens = [accessToken, refreshToken].map((secret) => secret?.reveal());
    for (const secret of [...codes, ...tokens, JSON.parse(dpopKey?.reveal() ?? '').d]) {
      expect(secret).toMatch(/.{20}/);
      expect(screen.text()).not.toContain(secret);
    }
  });

  it('says that scopes were not granted, and keeps the token', async () => {
    const { login } = await loginHost(tokensAt(issuer));
    const { screen, ended } = login('person', { openBrowser: browser('fewer') });
    expect(await ended).toBe(0);
    expect(screen.text()).toMatch(/^Not granted: usage\.read\./m);
  });

  it('ends with 1 and the cause when the person says no', async () => {
    const { login } = await loginHost(tokensAt(issuer));
    const { screen, ended } = login('person', { openBrowser: browser('deny') });
    expect(await ended).toBe(1);
    expect(screen.text()).toMatch(/^The login to person failed: consent_required \(config\)$/m);
    expect(screen.text()).toMatch(/access_denied/);
    expect(screen.text()).toMatch(/What to do: /);
  });

  it('waits for ten minutes, and leaves nothing', async () => {
    const system = createVirtualSystem();
    const { login } = await loginHost(tokensAt(issuer));
    const { screen, ended } = login('person', { system });
    await screen.shows(/Waiting for the answer/);
    expect(screen.text()).toContain('There is no browser on this host');
    await system.clock.advance(600_000);
    expect(await ended).toBe(1);
    expect(screen.text()).toContain('nobody has consented in time');
    expect(system.clock.pending()).toBe(0);
  });

  it('ends when the person ends it, and its port is free', async () => {
    const { login } = await loginHost(tokensAt(issuer));
    const { screen, ended, interrupt } = login('person');
    const [, redirectUri = ''] = await screen.shows(/redirect_uri=([^&]+)/);
    await screen.shows(/Waiting/);
    interrupt();
    expect(await ended).toBe(1);
    expect(screen.text()).toContain('The login to person was ended. Nothing has changed.');
    await expect(fetch(decodeURIComponent(redirectUri))).rejects.toThrow();
  });

  it('goes on waiting when an answer of another login comes, and says so once', async () => {
    const { login } = await loginHost(tokensAt(issuer));
    const { screen, ended } = login('person', {
      async openBrowser(address) {
        const redirect = new URL(address.searchParams.get('redirect_uri') ?? '');
        redirect.search = 'error=access_denied&state=somebody-elses';
        for (let times = 0; times < 2; times++) expect((await fetch(redirect)).status).toBe(400);
        return browser()(address);
      },
    });
    expect(await ended).toBe(0);
    expect(screen.text().match(/no answer to this login, and was refused; the wait goes on/g)).toHaveLength(1);
  });

  it('keeps what an exchange brings that Ctrl-C comes into', async () => {
    const sluggish = await startIssuer({ slowMs: 500 });
    onTestFinished(() => sluggish.close());
    const { login, stateDir } = await loginHost(tokensAt(sluggish));
    const { screen, ended, interrupt } = login('person', {
      async openBrowser(address) {
        const redirect = await consent(address);
        await sluggish.faults.set('slow-answer', '/token');
        void fetch(redirect).then(async () => {
          while (sluggish.tokenRequests() === 0) await setImmediate();
          interrupt();
        });
        return true;
      },
    });
    expect(await ended).toBe(0);
    expect(screen.text()).toMatch(/they are kept first\. Ctrl-C again ends at once\.\nLogged in to person\./);
    expect((await stored(stateDir, 'person')).refreshToken).toBeDefined();
  });

  it.each([{}, { paste: true }, { device: true }])(
    'ends with 1 when the issuer cannot be reached, before anyone is asked (%j)',
    async (options) => {
      await issuer.faults.set('down', 'always');
      const { login } = await loginHost(tokensAt(issuer));
      const { screen, ended } = login('person', options);
      expect(await ended).toBe(1);
      expect(screen.text()).toMatch(/^The login to person failed: issuer_unavailable \(issuer\)/);
    },
  );
});

describe('a login by paste', () => {
  it('takes the address that the browser ended at, also its query alone', async () => {
    const { login } = await loginHost(tokensAt(issuer));
    for (const take of [(url: URL) => url.href, (url: URL) => url.search]) {
      const { screen, input, ended } = login('person', { paste: true });
      const [address] = await screen.shows(/http:\S+\/auth\S+/);
      await screen.shows(/paste it here/);
      input.end(take(await consent(address)));
      expect(await ended).toBe(0);
      expect(screen.text()).toContain('Logged in to person.');
    }
  });

  it('asks again for what holds no answer, and reads line by line', async () => {
    const { login } = await loginHost(tokensAt(issuer));
    const { screen, input, ended } = login('person', { paste: true });
    const [address] = await screen.shows(/http:\S+\/auth\S+/);
    input.write('what?\n\n');
    await screen.shows(/That holds no answer of an issuer/);
    const { href } = await consent(address);
    input.write(href.slice(0, 30));
    input.write(`${href.slice(30)}\n`);
    expect(await ended).toBe(0);
  });

  it('is for redirects to any page', async () => {
    const { login } = await loginHost(tokensAt(issuer));
    const refused = login('elsewhere');
    expect(await refused.ended).toBe(2);
    expect(refused.screen.text()).toMatch(/sent to https:\/\/app\.example\/cb, where sonde cannot listen: use --paste/);
    const { screen, interrupt, ended } = login('elsewhere', { paste: true });
    const [address] = await screen.shows(/http:\S+\/auth\S+/);
    expect(new URL(address).searchParams.get('redirect_uri')).toBe('https://app.example/cb');
    interrupt();
    expect(await ended).toBe(1);
  });

  it('ends when nothing is pasted', async () => {
    const { login } = await loginHost(tokensAt(issuer));
    const { screen, input, ended } = login('person', { paste: true });
    input.end();
    expect(await ended).toBe(1);
    expect(screen.text()).toContain(
      'was refused by sonde. The input has ended before an answer of the issuer was pasted: ',
    );
  });

  it('asks again for an address of another login, and ends with that word when nothing else comes', async () => {
    const { login } = await loginHost(tokensAt(issuer));
    const { screen, input, ended } = login('person', { paste: true });
    const [address] = await screen.shows(/http:\S+\/auth\S+/);
    input.write('http://127.0.0.1/callback?code=x&state=of-another-tab\n');
    await screen.shows(/belongs to another login.* Paste that one\.\n/);
    input.write(`${(await consent(address)).href}\n`);
    expect(await ended).toBe(0);

    const piped = login('person', { paste: true });
    piped.input.end('?code=x&state=of-another-tab');
    expect(await piped.ended).toBe(1);
    expect(piped.screen.text()).toMatch(/was refused by sonde\. The answer belongs to another login/);
  });

  it.each([false, true])('refuses an address that was pasted before (beside a daemon: %s)', async (beside) => {
    const yaml = tokensAt(issuer);
    const { login, home } = await loginHost(yaml);
    if (beside) await runDaemon(yaml, { folder: home });
    const first = login('person', { paste: true });
    const [address] = await first.screen.shows(/http:\S+\/auth\S+/);
    const { href } = await consent(address);
    first.input.end(href);
    expect(await first.ended).toBe(0);

    const asked = issuer.tokenRequests();
    const second = login('person', { paste: true });
    second.input.end(href);
    expect(await second.ended).toBe(1);
    expect(second.screen.text()).toMatch(/^The login to person failed: code_reused/m);
    expect(issuer.tokenRequests()).toBe(asked);
  });
});

describe('a login by device', () => {
  it('shows the code and the address, and goes on when the person has let it in', async () => {
    const { login } = await loginHost(tokensAt(issuer));
    const { screen, ended } = login('device');
    const [, code = ''] = await screen.shows(/enter this code:\n\n {2}(\S+)/);
    expect(screen.text()).toContain(`  ${issuer.origin}/device\n`);
    expect(screen.text()).toContain(`  ${issuer.origin}/device?user_code=${code}\n`);
    await screen.shows(/The code is good for \d+ min/);
    expect(await approveDevice(issuer.origin, code)).toBe('Your device has been let in');
    expect(await ended).toBe(0);
    expect(screen.text()).toContain('Logged in to device.');
  });

  it('counts down in one line of a terminal', async () => {
    const system = createVirtualSystem();
    const { login } = await loginHost(tokensAt(issuer));
    const { screen, ended, interrupt } = login('device', { system, terminal: true });
    await screen.shows(/The code is good for 10 min more/);
    await system.clock.advance(500);
    await system.clock.advance(500);
    interrupt();
    expect(await ended).toBe(1);
    const line = (left: string) => `\r\u001b[KThe code is good for ${left} more. Ctrl-C ends the login.`;
    expect(screen.text()).toContain(`${line('10 min')}${line('9 min 59 s')}\r\u001b[KThe login to device was ended.`);
  });

  it('ends with 1 and the cause when the person says no', async () => {
    const { login } = await loginHost(tokensAt(issuer));
    const { screen, ended } = login('device');
    const [, code = ''] = await screen.shows(/enter this code:\n\n {2}(\S+)/);
    await denyDevice(issuer.origin, code);
    expect(await ended).toBe(1);
    expect(screen.text()).toMatch(/^The login to device failed: consent_required/m);
  });

  it('ends when the code does, and says each minute how long it is good for', async () => {
    const hasty = await startIssuer({ deviceCodeSeconds: 130, deviceIntervalSeconds: 60 });
    onTestFinished(() => hasty.close());
    const system = createVirtualSystem();
    const { login } = await loginHost(tokensAt(hasty));
    const { screen, ended } = login('device', { system });
    await screen.shows(/The code is good for 2 min 10 s more\.\n/);
    // Each poll takes as long as the issuer needs, while the clock stands.
    while (!screen.text().includes('in time')) await system.clock.advance(10_000);
    expect(await ended).toBe(1);
    expect(screen.text()).toMatch(
      /2 min 10 s more\.\n.* 1 min 10 s more\.\n.* 10 s more\.\nThe login to device took too long/,
    );
    expect(hasty.tokenRequests()).toBe(2);
  });

  it('ends when the person ends it', async () => {
    const { login } = await loginHost(tokensAt(issuer));
    const { screen, ended, interrupt } = login('device');
    await screen.shows(/The code is good for/);
    interrupt();
    expect(await ended).toBe(1);
  });

  it('is refused for a client that may not', async () => {
    const { login } = await loginHost(tokensAt(issuer));
    const { screen, ended } = login('person', { device: true });
    expect(await ended).toBe(1);
    expect(screen.text()).toMatch(/^The login to person failed: issuer_protocol_error.*not allowed for this client/s);
  });
});

describe('a login that cannot be', () => {
  it.each([
    ['persn', {}, 2, /^There is no token "persn"; did you mean "person"\?$/m],
    ['robot', {}, 2, /its grant is client_credentials/],
    ['person', { device: true, paste: true }, 2, /two ways: choose one/],
    ['person', { env: 'prod' }, 2, /there is no environment "prod"/],
  ])('to %s with %j ends with %i', async (token, options, code, words) => {
    const { login } = await loginHost(tokensAt(issuer));
    const { screen, ended } = login(token, options);
    expect(await ended).toBe(code);
    expect(screen.text()).toMatch(words);
  });

  it('goes through the budget of the token, and says that it stands still', async () => {
    const system = createVirtualSystem();
    const budget = 'budgets:\n  slow:\n    rate: 1/d\n    burst: 1\n';
    const endpoints = `    device_authorization_endpoint: ${issuer.origin}/device/auth\n    token_endpoint: ${issuer.origin}/token\n`;
    const token = `tokens:\n  device:\n    grant: device_code\n    client_id: lab-device\n    client_auth: none\n    budget: slow\n${endpoints}`;
    const { login } = await loginHost(`${budget}${token}`);
    const { screen, ended } = login('device', { system });
    await screen.shows(/The code is good for/);
    await system.clock.advance(10_000);
    await system.clock.advance(60_000);
    expect(await ended).toBe(3);
    expect(screen.text()).toMatch(/^No permit came within a minute: the budget of the token stands still\.$/m);

    const other = login('device', { system });
    await other.screen.shows(/The code is good for|No permit/);
    await system.clock.advance(5000);
    other.interrupt();
    expect(await other.ended).toBe(1);
    expect(other.screen.text()).toContain('was ended');
  });

  it('asks nobody while a secret of the token cannot be had', async () => {
    const vault = 'vault:\n  address: http://127.0.0.1:1\n  auth:\n    token: x-y-z\n';
    const secret = '    client_secret: $\u007bvault:secret/person#secret}\n';
    const yaml = tokensAt(issuer).replace('    client_auth: none\n', secret);
    const { login } = await loginHost(`${vault}${yaml}`);
    const { screen, ended } = login('person');
    expect(await ended).toBe(3);
    expect(screen.text()).toMatch(/^The token person needs \$\{vault:secret\/person#secret\}, which cannot be had: /);
  });

  it('asks nobody while another process holds the state folder', async () => {
    const { login, stateDir } = await loginHost(tokensAt(issuer));
    const { files } = createSystem();
    await files.makeFolder(stateDir);
    const lock = await files.lockFolder(stateDir);
    onTestFinished(() => lock?.release());
    const system = createVirtualSystem();
    const { screen, ended } = login('person', { system });
    let isOver = false;
    void ended.finally(() => {
      isOver = true;
    });
    while (!isOver) await system.clock.advance(1000);
    expect(await ended).toBe(3);
    expect(screen.text()).toMatch(/^Another sonde runs on the state folder/);
  });

  it('asks nobody while the store is damaged, and leaves it as it is', async () => {
    const host = await loginHost(tokensAt(issuer));
    const { files } = createSystem();
    await files.makeFolder(host.stateDir);
    await files.replace(join(host.stateDir, 'tokens.json'), '{"damaged":', 0o600);
    const { screen, ended } = host.login('person');
    expect(await ended).toBe(3);
    expect(screen.text()).toMatch(/^The token store .* is damaged/);
    expect(await readFile(join(host.stateDir, 'tokens.json'), 'utf8')).toBe('{"damaged":');
  });
});

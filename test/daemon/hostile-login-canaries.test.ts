import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LoginOptions, login } from '../../src/cli/login.ts';
import { logout } from '../../src/cli/logout.ts';
import { enduranceRounds } from '../support/endurance.ts';
import { runDaemon } from '../support/running-daemon.ts';
import {
  awkward,
  type CanaryHome,
  env,
  expectNoLeaks,
  newHome,
  noSignals,
  runCommand,
  setOutCanaries,
  systemOf,
} from './canary-setting.ts';
import { type EchoForm, echoForms, echoPairs, type HostileServer } from './echoes.ts';
import {
  devicePlaceNames,
  issuerPath,
  issuerPlaceNames,
  type LoginPlace,
  startHostileIssuer,
} from './hostile-issuer.ts';
import { startHostileVault, vaultPlaceNames } from './hostile-vault.ts';

/** A guard only: in `npm run endurance` there is more to do. */
const longest = enduranceRounds(60_000);

const canaries = setOutCanaries('logins, and a Vault, that repeat what they are told');

let issuer: HostileServer;
beforeAll(async () => {
  issuer = await startHostileIssuer((token) => canaries.add('token of a hostile issuer', token));
});
afterAll(() => issuer.close());

/** A host with a token of a person at an issuer that repeats itself at one endpoint. */
async function loginHome(place: LoginPlace, form: EchoForm, endpoint: string, more: object = {}): Promise<CanaryHome> {
  const home = await newHome({ CLIENT_SECRET: canaries.secret('client secret', awkward) });
  await home.write({
    budgets: { default: { rate: '1000/s', burst: 100 } },
    tokens: {
      t: {
        issuer: issuer.origin + issuerPath(place, form, endpoint),
        grant: 'authorization_code',
        client_id: 'hostile',
        client_secret: env('CLIENT_SECRET'),
        client_auth: 'client_secret_post',
        scopes: ['read'],
        dpop: true,
        ...more,
      },
    },
  });
  return home;
}

/** What the browser brings back; by default a code. */
type Answer = (code: string, secret: string) => Readonly<Record<string, string>>;

async function logIn(home: CanaryHome, options: Partial<LoginOptions>, answer: Answer = (code) => ({ code })) {
  const input = new PassThrough({ encoding: 'utf8' });
  const redirectOf = ({ searchParams }: URL) => {
    const back = new URL(searchParams.get('redirect_uri') ?? 'http://127.0.0.1/');
    const brought = answer(canaries.secret('code'), home.environment.CLIENT_SECRET ?? '');
    for (const [name, value] of Object.entries({ state: searchParams.get('state') ?? '', ...brought }))
      back.searchParams.set(name, value);
    return back;
  };
  return runCommand(canaries, 'login', (output) => {
    const person = {
      output: {
        ...output,
        out(text: string) {
          output.out(text);
          const [, address] = /^ {2}(http\S+)$/m.exec(text) ?? [];
          if (options.paste && address !== undefined) input.end(`${redirectOf(new URL(address))}\n`);
        },
      },
      input,
      terminal: true,
      openBrowser: async (address: URL) => {
        void fetch(redirectOf(address));
        return true;
      },
    };
    const choice = { token: 't', stateDir: home.stateDir, ...options };
    return login(systemOf(home), person, noSignals, [home.file], choice);
  });
}

/** Each fourth: a login takes some time. */
const pairsFor = <Place extends LoginPlace>(places: readonly Place[], first: number) =>
  echoPairs(places).filter(({ number }) => number % 4 === first);

it('a login tells nothing of codes, verifiers and secrets', { timeout: longest }, async () => {
  const ways = [
    { endpoint: 'token', options: {} },
    { endpoint: 'token', options: { paste: true } },
    { endpoint: 'par', options: {}, more: { login: { pushed: true } } },
    { endpoint: 'token', options: { device: true }, more: { grant: 'device_code' } },
  ];
  for (const [first, { endpoint, options, more }] of ways.entries())
    for (const { place, form } of pairsFor(issuerPlaceNames, first))
      await logIn(await loginHome(place, form, endpoint, more), options);
  for (const first of [0, 1])
    for (const { place, form } of pairsFor([...issuerPlaceNames, ...devicePlaceNames], first))
      await logIn(await loginHome(place, form, 'device', { grant: 'device_code' }), { device: true });
  for (const write of Object.values(echoForms)) {
    const repeat: Answer = (_code, secret) => ({ error: 'access_denied', error_description: write(secret) });
    await logIn(await loginHome('an error', 'raw', 'none'), { paste: true }, repeat);
  }
});

it('nor does a logout', { timeout: longest }, async () => {
  for (const { place, form } of pairsFor(issuerPlaceNames, 2)) {
    const home = await loginHome(place, form, 'revocation');
    expect(await logIn(home, {})).toMatchObject({ exit: 0 });
    await runCommand(canaries, 'logout', (output) =>
      logout(systemOf(home), output, noSignals, [home.file], { token: 't', stateDir: home.stateDir }),
    );
  }
});

it('nor a daemon of what Vault repeats', { timeout: longest }, async () => {
  const vault = await startHostileVault((token) => canaries.add('token of a hostile Vault', token));
  const ways = (home: string) => [
    { token: env('VAULT') },
    { approle: { role_id: 'sonde', secret_id: env('VAULT') } },
    { jwt: { role: 'sonde', jwt: env('VAULT') } },
    { kubernetes: { role: 'sonde', jwt_file: join(home, 'jwt') } },
  ];
  for (const { place, form, number } of echoPairs(vaultPlaceNames).filter((each) => each.number % 2 === 0)) {
    const home = await newHome({ VAULT: canaries.secret('credential for vault') });
    await writeFile(join(home.folder, 'jwt'), canaries.secret('jwt for vault'));
    const all = ways(home.folder);
    const auth = all[(number / 2) % all.length];
    const yaml = JSON.stringify({
      vault: { address: vault.addressOf(place, form), auth },
      checks: { c: { http: { url: 'http://127.0.0.1:1', headers: { key: `\${vault:secret/api#key}` } } } },
    });
    const daemon = await runDaemon(yaml, { folder: home.folder, system: systemOf(home) });
    for (const path of ['/', '/metrics', '/api/v1/secrets', '/api/v1/checks'])
      canaries.place(`Vault: ${path}`, (await daemon.get(path)).body);
    await daemon.stop();
    expect(daemon.log.lines.some(({ fields }) => fields.cause === 'secret_unavailable')).toBe(true);
    canaries.place('Vault: log', JSON.stringify(daemon.log.lines));
  }
  vault.close();
});

it('so none of them is found', () => {
  const heard = ['code', 'code_verifier', 'device_code', 'refresh_token', 'client_secret', 'dpop proof', 'token'];
  expectNoLeaks(canaries, ...heard, 'jwt', 'secret_id', 'vault token');
});

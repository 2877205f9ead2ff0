import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from '../lab/world.ts';
import { enduranceRounds } from '../support/endurance.ts';
import { startCanaryDaemon } from './canary-daemon.ts';
import {
  awkward,
  type CanaryHome,
  env,
  expectNoLeaks,
  foreign,
  newHome,
  runOnce,
  runOnceForPerson,
  setOutCanaries,
} from './canary-setting.ts';
import { echoPairs, type HostileServer } from './echoes.ts';
import { issuerPath, issuerPlaceNames, startHostileIssuer } from './hostile-issuer.ts';
import { startHostileTarget, targetPath, targetPlaceNames } from './hostile-target.ts';

/** A guard only: in `npm run endurance` there is more to do. */
const longest = enduranceRounds(60_000);

const canaries = setOutCanaries('servers that repeat what they are told');

let world: World;
let target: HostileServer;
let issuer: HostileServer;
beforeAll(async () => {
  world = await startWorld();
  target = await startHostileTarget();
  issuer = await startHostileIssuer((token) => canaries.add('token of a hostile issuer', token));
});
afterAll(async () => {
  await world.close();
  target.close();
  issuer.close();
});

/** All kinds of secrets that a check sends, to a target that repeats them in every place and form. */
function targetChecks(): readonly (readonly [string, object])[] {
  const shows = [
    { token: 'service' },
    { token: 'bound' },
    { token: 'static' },
    { token: 'key' },
    { url: target.origin.replace('//', `//user:${env('PASSWORD')}@`) },
  ];
  return echoPairs(targetPlaceNames).map(({ place, form, number }) => {
    const { token, url = target.origin } = shows[number % shows.length] ?? {};
    const check = {
      ...(token !== undefined && { token }),
      http: {
        url: url + targetPath(place, form),
        method: 'POST',
        headers: { cookie: `session=${env('COOKIE')}`, 'x-secret': env('HEADER') },
        query: { key: env('QUERY') },
        body: { password: env('BODY') },
      },
      assert: [
        { status: '2xx' },
        { header: { name: 'x-echo', equals: 'never' } },
        { body: { contains: 'never' } },
        { json: '$.data[0].id', equals: 'never' },
        { json: '$.data[0]', equals: 'never' },
      ],
    };
    return [`target-${number}`, check] as const;
  });
}

/** All ways to ask for a token without a person, of an issuer that repeats what it is asked with. */
function issuerTokens(): readonly (readonly [string, object])[] {
  const secret = { client_secret: env('CLIENT_SECRET') };
  const key = { private_key: env('PRIVATE_KEY') };
  const ways = [
    { grant: 'client_credentials', ...secret },
    { grant: 'client_credentials', ...secret, client_auth: 'client_secret_post', dpop: true },
    { grant: 'client_credentials', ...secret, client_auth: 'client_secret_jwt' },
    { grant: 'client_credentials', ...key, token_request: 'json', parameters: { api_key: env('PARAMETER') } },
    { grant: 'refresh_token', ...secret },
    { grant: 'jwt_bearer', assertion: env('ASSERTION') },
    { grant: 'jwt_bearer', ...key, assertion: { subject: 'me' } },
  ];
  return echoPairs(issuerPlaceNames).map(({ place, form, number }) => {
    const client = { issuer: issuer.origin + issuerPath(place, form), client_id: 'hostile', scopes: ['read'] };
    const way = ways[number % ways.length];
    // A family has one owner.
    const seed = way?.grant === 'refresh_token' && { refresh_token: env(`SEED_${number}`) };
    return [`issuer-${number}`, { ...client, ...way, ...seed }] as const;
  });
}

async function hostileHome(): Promise<CanaryHome> {
  const { pem } = world.issuer.clientKey('lab-key');
  canaries.add('private key', pem);
  const tokens = issuerTokens();
  const home = await newHome({
    KEY: canaries.secret('api key'),
    COOKIE: canaries.secret('cookie'),
    QUERY: canaries.secret('query value', foreign),
    BODY: canaries.secret('body value', foreign),
    HEADER: canaries.secret('header value', awkward),
    STATIC: canaries.secret('static value', awkward),
    PASSWORD: canaries.secret('password in an address', encodeURIComponent(awkward)),
    SERVICE_SECRET: world.issuer.clientSecret('lab-service'),
    DPOP_SECRET: world.issuer.clientSecret('lab-dpop'),
    CLIENT_SECRET: canaries.secret('client secret', awkward),
    PARAMETER: canaries.secret('parameter', foreign),
    ...Object.fromEntries(tokens.map((_, number) => [`SEED_${number}`, canaries.secret('refresh token')])),
    ASSERTION: canaries.secret('ready assertion'),
    PRIVATE_KEY: pem,
  });
  const lab = { issuer: world.issuer.origin, scopes: ['models.read'], grant: 'client_credentials' };
  const models = `${world.api.origin}/v1/models`;
  await home.write({
    budgets: { default: { rate: '10000/s', burst: 1000 } },
    defaults: { every: '3s', timeout: '5s' },
    tokens: {
      service: { ...lab, client_id: 'lab-service', client_secret: env('SERVICE_SECRET') },
      bound: { ...lab, client_id: 'lab-dpop', client_secret: env('DPOP_SECRET'), dpop: true },
      static: { grant: 'static', value: env('STATIC') },
      key: { grant: 'static', value: env('KEY'), present: { header: 'x-api-key' } },
      ...Object.fromEntries(tokens),
    },
    checks: {
      ...Object.fromEntries(targetChecks()),
      ...Object.fromEntries(tokens.map(([token]) => [token, { token, http: models, needs_scopes: ['read', 'write'] }])),
    },
  });
  return home;
}

it('a single run tells nothing of what targets and issuers repeat', { timeout: longest }, async () => {
  const home = await hostileHome();
  const results: { check: string; outcome: string }[] = JSON.parse(await runOnce(canaries, home, 'hostile'));
  expect(results).toHaveLength(targetChecks().length + issuerTokens().length);
  expect(results.filter(({ outcome }) => outcome === 'passed')).toEqual([]);
  await runOnceForPerson(canaries, home, 'hostile');
});

it('nor does a daemon, on any side', { timeout: longest }, async () => {
  const home = await hostileHome();
  const daemon = await startCanaryDaemon(canaries, home, 'hostile daemon');
  const unseen = new Set<unknown>([...targetChecks(), ...issuerTokens()].map(([name]) => name));
  await daemon.until(({ check }) => {
    unseen.delete(check);
    return unseen.size === 0;
  });
  await daemon.harvest();
  await daemon.stop();
});

it('so none of them is found', () => {
  const heard = ['access_token', 'refresh_token', 'assertion', 'client_assertion', 'dpop proof', 'cookie'];
  expectNoLeaks(canaries, ...heard, 'basic credentials', 'password', 'client_secret', 'token of a hostile issuer');
});

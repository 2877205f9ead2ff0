import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { once } from '../../src/cli/once.ts';
import { createSystem } from '../../src/system/system.ts';
import { loginHost } from '../cli/login-lab.ts';
import { createLabCertificates, type LabCertificates } from '../lab/certificates.ts';
import type { LabClientId } from '../lab/issuer-clients.ts';
import { approveDevice, consent } from '../lab/person.ts';
import { signAssertion } from '../lab/plain-client.ts';
import { startWorld, type World } from '../lab/world.ts';
import { createRecordedOutput } from '../support/recorded-output.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readPage } from './markdown.ts';

const page = await readFile(join(import.meta.dirname, '../../docs/oauth.md'), 'utf8');
const blocks = readPage(page).blocks.filter(({ info }) => info === 'yaml');

let certificates: LabCertificates;
let world: World;
beforeAll(async () => {
  certificates = await createLabCertificates();
  world = await startWorld({ certificates, deviceIntervalSeconds: 1, accessTokenSeconds: 600 });
});
afterAll(() => world.close());

type Token = Readonly<Record<string, unknown>>;

interface Example {
  readonly tokens: Readonly<Record<string, Token>>;
  readonly checks?: Readonly<Record<string, { readonly token: string; readonly http: string | object }>>;
}

const isOf = (text: unknown, file: string) => typeof text === 'string' && text.endsWith(file);

/** The client of the lab that an example is about. */
function clientOf({ grant, dpop, login, ...token }: Token): LabClientId {
  if (isOf(token.client_certificate, 'self-signed.pem')) return 'lab-self-signed';
  if (token.client_certificate !== undefined) return 'lab-tls';
  if (dpop !== undefined) return 'lab-dpop';
  if (grant === 'jwt_bearer') return 'lab-assertion';
  if (grant === 'refresh_token') return 'lab-user';
  if (grant === 'device_code') return 'lab-device';
  if (grant === 'client_credentials') return serviceOf(token);
  if (token.private_key !== undefined) return 'lab-person-pushed';
  return token.client_secret === undefined ? 'lab-person-app' : 'lab-person-web';
}

function serviceOf({ client_auth, private_key }: Token): LabClientId {
  if (private_key !== undefined) return 'lab-key';
  if (client_auth === 'client_secret_post') return 'lab-post';
  return client_auth === 'client_secret_jwt' ? 'lab-secret-jwt' : 'lab-service';
}

const secretOf = (client: LabClientId) => {
  try {
    return world.issuer.clientSecret(client);
  } catch {
    return '';
  }
};

/** What the files and variables hold that an example refers to. */
async function secretsFor(client: LabClientId) {
  const { issuer } = world;
  const isSigning = ['lab-assertion', 'lab-key', 'lab-person-pushed'].includes(client);
  const key = isSigning ? issuer.clientKey(client) : undefined;
  const isReady = client === 'lab-assertion' && key !== undefined;
  return {
    files: {
      'client-secret': secretOf(client),
      'client-key.pem': key?.pem,
      'assertion-key.pem': key?.pem,
      'assertion.jwt': isReady ? await signAssertion(key.jwk, { client, audience: issuer.origin }) : undefined,
      'client.pem': certificates.client.certificate,
      'client-key-of-tls.pem': certificates.client.key,
      'self-signed.pem': certificates.selfSigned.certificate,
      'self-signed-key.pem': certificates.selfSigned.key,
      'issuer-ca.pem': certificates.authority,
      'api-ca.pem': certificates.authority,
    },
    variables: {
      CLIENT_SECRET: secretOf(client),
      FIRST_REFRESH_TOKEN: client === 'lab-user' ? await issuer.mintRefreshToken('lab-user', ['models.read']) : '',
    },
  };
}

/** What stands on the page for a token without a check of its own. */
const plainCheck = (name: string) => ({
  token: name,
  http: { url: 'https://api.example.com/v1/models', ca: '/etc/sonde/api-ca.pem' },
});

/** Each token of the page that an issuer gives, with a check that uses it. */
const examples = blocks.flatMap(({ text, line }) => {
  const { tokens, checks = {} } = parse(text) as Example;
  return Object.entries(tokens)
    .filter(([, { grant }]) => grant !== 'static')
    .map(([name, token]) => {
      const check = Object.values(checks).find((it) => it.token === name) ?? plainCheck(name);
      return { line, name, token, check };
    });
});

/** The example as it stands, but for the addresses, the client, its key ids, and where its files are. */
async function layOut({ name, token, check }: (typeof examples)[number], folder: string, client: LabClientId) {
  const { files, variables } = await secretsFor(client);
  for (const [file, text] of Object.entries(files)) if (text) await writeFile(join(folder, file), text);
  await mkdir(join(folder, 'tokens'));
  const { kid: _, ...known } = token;
  const isBound = token.client_certificate !== undefined;
  const yaml = stringify({ tokens: { [name]: { ...known, client_id: client } }, checks: { example: check } })
    .replaceAll('https://auth.example.com', world.issuer.origin)
    .replaceAll('https://api.example.com', (isBound && world.api.mtlsOrigin) || world.api.origin)
    .replaceAll('/run/tokens', join(folder, 'tokens'))
    .replaceAll(/\/(?:run\/secrets|etc\/sonde)(?=\/)/g, folder);
  return { yaml, variables };
}

describe('docs/oauth.md', () => {
  it.each(examples)('gets a token by the example of line $line ($name)', { timeout: 60_000 }, async (example) => {
    const folder = await temporaryFolder();
    const client = clientOf(example.token);
    const { yaml, variables } = await layOut(example, folder, client);
    const environment = (name: string) => new Map(Object.entries(variables)).get(name);
    const system = { ...createSystem(), environment };
    const host = await loginHost(yaml, folder);

    if (['authorization_code', 'device_code'].includes(String(example.token.grant))) {
      const run = host.login(example.name, {
        system,
        async openBrowser(address) {
          void consent(address).then((redirect) => fetch(redirect));
          return true;
        },
      });
      if (client === 'lab-device') {
        const [, code = ''] = await run.screen.shows(/enter this code:\n\n {2}(\S+)\n/);
        await approveDevice(world.issuer.origin, code);
      }
      expect([await run.ended, run.screen.text()]).toEqual([0, expect.stringContaining('Logged in')]);
    }
    const output = createRecordedOutput();
    const signals = { onReload() {}, onStop() {} };
    const options = { stateDir: host.stateDir, colour: false };
    const exit = await once(system, output, signals, [host.file], options);
    expect([exit, output.outText() + output.errText()]).toEqual([0, expect.stringContaining('passed')]);
  });
});

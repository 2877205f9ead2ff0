import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabCertificates } from '../lab/certificates.ts';
import { type LabClient, type LabClientId, labClients } from '../lab/issuer-clients.ts';
import type { World } from '../lab/world.ts';
import type { startFakeVault } from '../secrets/fake-vault.ts';
import { type CanaryHome, type CanarySetting, env, newHome } from './canary-setting.ts';

/** The lab, a Vault, and what a sonde is configured with that knows all clients of the lab. */
export interface CanaryLab {
  readonly world: World;
  readonly certificates: LabCertificates;
  readonly vault: Awaited<ReturnType<typeof startFakeVault>>;
}

export interface LabHome extends CanaryHome {
  /** Its file for the service beside sonde: the one place, beside the control socket, where a token may stand. */
  readonly exported: string;
  /** The whole configuration, with further sections laid over. */
  configuration(more?: object): object;
}

const loginGrants: readonly string[] = ['authorization_code', 'device_code'];
const isOfPerson = ({ grant }: LabClient) => loginGrants.includes(grant);

/** By names; `person`: who waits for a login. */
export function labTokens(kind: 'person' | 'client'): readonly LabClientId[] {
  const all = Object.keys(labClients) as LabClientId[];
  return all.filter((id) => isOfPerson(labClients[id]) === (kind === 'person'));
}

/** Has every secret stand in a variable, in a file or in Vault, and all of them known as canaries. */
export async function labHome(canaries: CanarySetting, { world, certificates, vault }: CanaryLab): Promise<LabHome> {
  const variables: Record<string, string> = {
    VAULT_SECRET_ID: vault.fake.approle.secret_id,
    BASIC_PASSWORD: canaries.secret('password in an address'),
    STATIC_VALUE: canaries.secret('static value'),
  };
  canaries.add('secret id', vault.fake.approle.secret_id);
  const home = await newHome(variables);
  const exported = join(home.folder, 'exported');

  const place = async (kind: string, name: string, text: string) => {
    canaries.add(kind, text);
    const path = join(home.folder, name);
    await writeFile(path, `${text}\n`);
    return path;
  };
  const inVault = (kind: string, name: string, text: string) => {
    canaries.add(kind, text);
    vault.write(name, { value: text });
    return `\${vault:secret/${name}#value}`;
  };
  inVault('value of vault', 'api', canaries.secret('value of vault'));
  const ca = join(home.folder, 'ca.pem');
  await writeFile(ca, certificates.authority);

  const credentialsOf = async (id: LabClientId, { authentication, grant }: LabClient): Promise<object> => {
    if (authentication.startsWith('client_secret')) {
      const secret = world.issuer.clientSecret(id);
      if (authentication === 'client_secret_post') return { client_secret: inVault('client secret', id, secret) };
      const name = id.replaceAll('-', '_').toUpperCase();
      variables[name] = secret;
      canaries.add('client secret', secret);
      return { client_secret: env(name) };
    }
    if (authentication === 'private_key_jwt' || grant === 'jwt_bearer')
      return { private_key: await place('private key', `${id}.pem`, world.issuer.clientKey(id).pem) };
    if (!authentication.endsWith('tls_client_auth')) return {};
    const { certificate, key } = authentication === 'tls_client_auth' ? certificates.client : certificates.selfSigned;
    const shown = join(home.folder, `${id}.crt`);
    await writeFile(shown, certificate);
    return { ca, client_certificate: shown, client_key: await place('private key', `${id}.key`, key) };
  };
  const tokenOf = async (id: LabClientId) => {
    const client: LabClient = labClients[id];
    const seed = async () => {
      const minted = await world.issuer.mintRefreshToken(id, ['models.read']);
      return `\${file:${await place('refresh_token', `${id}.seed`, minted)}}`;
    };
    return {
      issuer: world.issuer.origin,
      grant: client.grant,
      client_id: id,
      client_auth: client.authentication,
      ...(await credentialsOf(id, client)),
      ...(client.grant === 'refresh_token' && { refresh_token: await seed() }),
      ...(client.grant === 'jwt_bearer' && { assertion: { subject: 'somebody' } }),
      ...(client.bound === 'dpop' && { dpop: true }),
      ...(client.pushes && { login: { pushed: true } }),
      ...(id === 'lab-service' && { export: { file: exported } }),
      scopes: ['models.read'],
      introspect: true,
      refresh: { every: '2s' },
    };
  };
  const tokens: Record<string, object> = { 'a-key': { grant: 'static', value: env('STATIC_VALUE') } };
  for (const id of [...labTokens('client'), ...labTokens('person')]) tokens[id] = await tokenOf(id);

  const modelsFor = (id: LabClientId) => {
    const { bound }: LabClient = labClients[id];
    const http =
      bound === 'certificate'
        ? { url: `${world.api.mtlsOrigin}/v1/models`, ca }
        : { url: `${world.api.origin}/v1/models` };
    return { token: id, http, needs_scopes: ['models.read'], assert: [{ json: '$.data[0].id', matches: '^claude' }] };
  };
  const checks = {
    ...Object.fromEntries([...labTokens('client'), ...labTokens('person')].map((id) => [id, modelsFor(id)])),
    'of-vault': {
      http: {
        url: `${world.api.origin}/health`,
        headers: { 'x-key': `\${vault:secret/api#value}`, 'x-lent': `\${vault:database/creds/app#password}` },
      },
    },
    'of-address': { http: `${world.api.origin.replace('//', `//user:${env('BASIC_PASSWORD')}@`)}/health` },
    'of-key': { token: 'a-key', http: `${world.api.origin}/health` },
  };
  const approle = { role_id: vault.fake.approle.role_id, secret_id: env('VAULT_SECRET_ID') };
  return {
    ...home,
    exported,
    configuration: (more = {}) => ({
      vault: { address: vault.address, auth: { approle }, every: '1s' },
      budgets: { default: { rate: '1000/s', burst: 100 } },
      defaults: { every: '500ms', timeout: '10s' },
      tokens,
      checks,
      ...more,
    }),
  };
}

/** A key for the state folder, in a file of its own; resolves with its reference. */
export async function stateKey(canaries: CanarySetting, { folder }: CanaryHome, name: string): Promise<string> {
  const key = randomBytes(32).toString('base64');
  canaries.add('state key', key);
  const path = join(folder, name);
  await writeFile(path, key);
  return `\${file:${path}}`;
}

/** Configurations that are wrong, with secrets where they should and should not be. */
export function brokenConfigurations(canaries: CanarySetting, home: LabHome): readonly (object | string)[] {
  const plain = () => canaries.secret('secret in plain text');
  /** Without the armour of PEM. */
  const plainKey = () => {
    const key = randomBytes(48).toString('base64');
    canaries.add('key in plain text', key);
    return key;
  };
  const written = JSON.stringify(home.configuration());
  const token = { issuer: 'https://issuer.example', grant: 'client_credentials', client_id: 'x' };
  return [
    `tokens:\n  t:\n    client_secret: "${plain()}\n    grant: x`,
    `tokens:\n  t:\n    client_secret:${plain()}\n`,
    `tokens:\n  t: { client_secret: ${plain()}, [${plain()}]: 1 }`,
    `${plain()}\n---\n${plain()}: ${plain()}`,
    written.replace('"client_secret"', '"client_secrets"'),
    home.configuration({ checks: { c: { http: `http://user:${plain()}@127.0.0.1/?key=${plain()}`, evry: '1s' } } }),
    home.configuration({ checks: { c: { http: { url: `ftp://user:${env('BASIC_PASSWORD')}@127.0.0.1` } } } }),
    home.configuration({ checks: { c: { every: env('STATIC_VALUE'), http: 'http://127.0.0.1:1' } } }),
    home.configuration({ tokens: { t: { ...token, client_secret: plain(), private_key: plainKey() } } }),
    home.configuration({ tokens: { t: { ...token, client_secret: env('LAB_SERVICE'), scopes: env('STATIC_VALUE') } } }),
    home.configuration({ tokens: { t: { ...token, client_secret: env('NOT_THERE'), timeout: env('STATIC_VALUE') } } }),
    home.configuration({ tokens: { t: { ...token, private_key: env('STATIC_VALUE'), issuer: env('STATIC_VALUE') } } }),
    home.configuration({
      tokens: { t: { ...token, grant: env('STATIC_VALUE'), present: { header: env('LAB_JWT') } } },
    }),
    home.configuration({ state_encryption: { key: env('STATIC_VALUE'), old_keys: [plain()] } }),
    home.configuration({ vault: { address: env('STATIC_VALUE'), auth: { token: plain(), jwt: env('LAB_SERVICE') } } }),
  ];
}

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../src/config/load.ts';
import type { Resolution, SecretSources, SecretUse } from '../../src/secrets/resolution.ts';
import { checkWith, createFolder, loadText, loadWell, showProblems, tellMistakes } from '../support/load-text.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

const key = `\${vault:secret/claude#key}`;
const section = (auth: string) =>
  `vault:\n  address: https://vault.example.com/\n  auth:\n${auth.replace(/^/gm, '    ')}\n`;
const byVariable = section(`token: \${env:VAULT_TOKEN}`);
const keyed = (reference: string) =>
  `checks:\n  api:\n    http:\n      url: https://api.example.com\n      headers:\n        x-key: ${reference}\n`;

function systemWithToken() {
  const system = createVirtualSystem();
  system.environmentVariables.set('VAULT_TOKEN', 'hvs.of-the-variable');
  return system;
}

async function vaultOf(text: string) {
  const { configuration } = await loadWell(`${text}${checkWith('every: 1m')}`, { system: systemWithToken() });
  return configuration.vault;
}

describe('the section vault', () => {
  it('says where Vault is, and has a budget for it', async () => {
    const loaded = await loadWell(`${byVariable}${checkWith('every: 1m')}`, { system: systemWithToken() });
    const { vault, budgets } = loaded.configuration;
    expect(vault).toMatchObject({ address: 'https://vault.example.com', timeoutMs: 5_000, everyMs: 300_000 });
    expect(vault?.auth.method === 'token' && vault.auth.token.reveal()).toBe('hvs.of-the-variable');
    expect(budgets.map(({ name }) => name)).toContain('vault');
    expect(loaded.secrets.map((secret) => secret.reveal())).toContain('hvs.of-the-variable');
  });

  it('may give its budget other values', async () => {
    const { configuration } = await loadWell(
      `${byVariable}budgets:\n  vault:\n    rate: 1/s\n${checkWith('every: 1m')}`,
      {
        system: systemWithToken(),
      },
    );
    expect(configuration.budgets).toContainEqual({ name: 'vault', ratePerSecond: 1, burst: 1, reserveForTokens: 0 });
  });

  it('knows each way to log in, with where Vault mounts it by default', async () => {
    expect(await vaultOf(section(`approle:\n  role_id: role\n  secret_id: \${env:VAULT_TOKEN}`))).toMatchObject({
      auth: { method: 'approle', mount: 'approle' },
    });
    const bare = await vaultOf(section('approle:\n  role_id: role\n  mount: team/approle'));
    expect(bare?.auth).toMatchObject({ mount: 'team/approle' });
    expect(bare?.auth).not.toHaveProperty('secretId');
    expect(await vaultOf(section('kubernetes:\n  role: sonde'))).toMatchObject({
      auth: {
        method: 'kubernetes',
        mount: 'kubernetes',
        role: 'sonde',
        jwtFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
      },
    });
    expect(await vaultOf(section(`jwt:\n  role: sonde\n  jwt: \${env:VAULT_TOKEN}`))).toMatchObject({
      auth: { method: 'jwt', mount: 'jwt', role: 'sonde' },
    });
  });

  it('takes a namespace, an authority by path or text, and times', async () => {
    const folder = await createFolder({ 'ca.pem': '-----BEGIN CERTIFICATE-----\nof the file\n' });
    const more = (ca: string) => `  namespace: team-a\n  timeout: 1s\n  every: 1m\n  ca: ${ca}\n`;
    expect(await vaultOf(`${byVariable}${more(join(folder, 'ca.pem'))}`)).toMatchObject({
      namespace: 'team-a',
      timeoutMs: 1_000,
      everyMs: 60_000,
      ca: '-----BEGIN CERTIFICATE-----\nof the file',
    });
    expect(await vaultOf(`${byVariable}${more('"-----BEGIN CERTIFICATE-----\\nwritten here"')}`)).toMatchObject({
      ca: '-----BEGIN CERTIFICATE-----\nwritten here',
    });
  });

  it('may be empty, and asks by plain http where that is allowed', async () => {
    expect(await vaultOf('vault:\n')).toBeUndefined();
    const local = byVariable.replace('https://vault.example.com/', 'http://127.0.0.1:8200');
    expect(await vaultOf(local)).toMatchObject({ address: 'http://127.0.0.1:8200' });
    const far = byVariable.replace('https', 'http').replace('  auth', '  allow_http: true\n  auth');
    expect(await vaultOf(far)).toMatchObject({ address: 'http://vault.example.com' });
  });
});

describe('mistakes of the section vault', () => {
  const checks = checkWith('every: 1m');
  tellMistakes({
    'one without an address and a way to log in': [
      `vault:\n  every: 1m\n${checks}`,
      '2:3: vault.address is missing; expected an address such as https://vault.example.com:8200',
      '2:3: vault.auth is missing; expected a mapping',
    ],
    'an address that is none': [
      `${section('kubernetes:\n  role: a').replace('https://vault.example.com/', 'vault.example.com')}${checks}`,
      '2:12: vault.address is "vault.example.com"; expected an address such as https://vault.example.com:8200',
    ],
    'plain http': [
      `${section('kubernetes:\n  role: a').replace('https:', 'http:')}${checks}`,
      '2:12: vault.address would send secrets over plain http; expected https, or "allow_http: true" in this section',
    ],
    'no way to log in': [
      `vault:\n  address: https://v.example.com\n  auth: {}\n${checks}`,
      '3:9: vault.auth has no way to log in; expected one of token, approle, kubernetes, jwt',
    ],
    'two ways to log in': [
      `${section('kubernetes:\n  role: a\njwt:\n  role: b\n  jwt: c')}${checks}`,
      '4:5: vault.auth has several ways to log in (kubernetes, jwt); expected one of token, approle, kubernetes, jwt',
    ],
    'a mount with slashes around it': [
      `${section('kubernetes:\n  role: a\n  mount: /k/')}${checks}`,
      '6:14: vault.auth.kubernetes.mount is "/k/"; expected a path such as kubernetes, without slashes around it',
    ],
    'a secret of Vault in it': [
      `${section(`token: \${vault:secret/a#b}`)}${checks}`,
      `4:12: "\${vault:secret/a#b}" cannot stand in the section vault; expected \${env:NAME} or \${file:PATH}`,
    ],
    'a variable that is not set': [
      `${byVariable}${checks}`,
      `4:12: "\${env:VAULT_TOKEN}" is not set; expected a value`,
    ],
    'a reference to Vault without the section': [
      keyed(key),
      `6:16: "${key}" needs to know where Vault is; expected a section vault`,
    ],
    'a reference that names no secret of Vault': [
      `${byVariable.replace(/\$\{env:VAULT_TOKEN\}/, 'hvs.plain')}${keyed(`\${vault:secret#key}`)}`,
      `10:16: "\${vault:secret#key}" names no secret of Vault; expected \${vault:MOUNT/PATH#KEY}`,
    ],
  });
});

/** Sources that give what a test puts there, and wait for the rest. */
function scriptedSources(values: Map<string, string>) {
  const asked: (readonly SecretUse[])[] = [];
  const found = (texts: readonly string[]) =>
    new Map<string, Resolution>(
      texts.map((text) => {
        const value = values.get(text);
        return [text, value === undefined ? { problem: 'Vault is sealed', mayCome: true } : { value }];
      }),
    );
  const sources: SecretSources = {
    async resolve(uses) {
      asked.push(uses);
      return found(uses.map(({ reference }) => reference.text));
    },
    look: async (references) => found(references.map(({ text }) => text)),
  };
  return { sources, asked };
}

describe('secrets that may come', () => {
  const text = `${byVariable}${keyed(key)}  other:\n    http: https://api.example.com\ntokens:\n  t:\n    grant: static\n    value: ${key}\n`;

  async function load(values: Map<string, string>, unresolved: 'error' | 'warning' = 'error') {
    const folder = await createFolder({ 'sonde.yaml': text });
    const { sources, asked } = scriptedSources(values);
    const loaded = await loadConfiguration(createVirtualSystem(), [folder], { unresolved, secrets: sources });
    if (!loaded.ok) throw new Error(showProblems(loaded.problems, folder).join('\n'));
    return { loaded, asked, warnings: showProblems(loaded.warnings, folder) };
  }
  const given = () => new Map([[`\${env:VAULT_TOKEN}`, 'hvs.x-token']]);
  const missingSecret = { reference: key, problem: 'Vault is sealed' };

  it('leave the configuration whole: what needs one says which', async () => {
    const { loaded, asked, warnings } = await load(given());
    const { checks, tokens } = loaded.configuration;
    expect(checks.map(({ name, missingSecret }) => [name, missingSecret])).toEqual([
      ['api', missingSecret],
      ['other', undefined],
    ]);
    expect(tokens).toMatchObject([{ name: 't', missingSecret }]);
    expect(warnings).toEqual([]);
    expect(loaded.references).toEqual([`\${env:VAULT_TOKEN}`, key]);
    expect(asked.map((uses) => uses.map(({ reference, users }) => [reference.text, users]))).toEqual([
      [[`\${env:VAULT_TOKEN}`, ['vault']]],
      [[key, ['checks.api', 'tokens.t']]],
    ]);
  });

  it('change the configuration when they come, and not while they do not', async () => {
    const values = given();
    const { loaded } = await load(values);
    expect(await loaded.hasChanged()).toBe(false);
    values.set(key, 'the-secret');
    expect(await loaded.hasChanged()).toBe(true);
    const whole = await load(values);
    expect(whole.loaded.configuration.checks[0]).not.toHaveProperty('missingSecret');
    expect(await whole.loaded.hasChanged()).toBe(false);
    values.set(key, 'another-secret');
    expect(await whole.loaded.hasChanged()).toBe(true);
  });

  it('are warnings where nobody on the network is asked', async () => {
    const { warnings } = await load(given(), 'warning');
    expect(warnings).toEqual([
      `sonde.yaml:10:16: "${key}" cannot be had: Vault is sealed`,
      `sonde.yaml:16:12: "${key}" cannot be had: Vault is sealed`,
    ]);
    const { loaded, folder } = await loadText(text, { unresolved: 'warning', system: systemWithToken() });
    expect(loaded.ok && showProblems(loaded.warnings, folder)).toEqual([
      `sonde.yaml:10:16: "${key}" cannot be had: Vault is asked by run and once, not here`,
      `sonde.yaml:16:12: "${key}" cannot be had: Vault is asked by run and once, not here`,
    ]);
  });

  it('cannot be waited for where nothing can begin without them', async () => {
    const { problems } = await loadText(`${byVariable}state_encryption:\n  key: ${key}\n${checkWith('every: 1m')}`, {
      system: systemWithToken(),
    });
    expect(problems).toEqual([
      `sonde.yaml:6:8: "${key}" cannot be had: Vault is asked by run and once, not here; nothing can begin without it`,
    ]);
  });
});

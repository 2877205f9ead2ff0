import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compareConfigurations } from '../../src/config/compare.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { printConfiguration } from '../../src/config/print.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { findShared, type InEnvironment } from '../../src/config/shared-secrets.ts';
import { createFolder, type LoadTextOptions, loadText, loadWell } from '../support/load-text.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

const service = (lines: string) =>
  `tokens:\n  t:\n    grant: client_credentials\n    issuer: https://a.example\n${lines.replace(/^(?=.)/gm, '    ')}`;

async function effective(text: string, environment: string | undefined, options: LoadTextOptions = {}) {
  const laidOver = environment === undefined ? {} : { environment };
  const { loaded, problems, folder } = await loadText(text, { unresolved: 'warning', ...laidOver, ...options });
  if (!loaded.ok) throw new Error(problems.join('\n'));
  return { folder, effective: loaded.effective };
}

/** All warnings of values that these environments share. `FOLDER` is that of the files. */
async function shared(
  text: string,
  environments: readonly (string | undefined)[],
  { variables = {}, files = {} }: { variables?: Record<string, string>; files?: Record<string, string> } = {},
) {
  const folder = await createFolder(files);
  const file = join(folder, 'sonde.yaml');
  await writeFile(file, `allow_plaintext_secrets: true\n${text.replaceAll('FOLDER', folder)}`);
  const system = createVirtualSystem();
  for (const [name, value] of Object.entries(variables)) system.environmentVariables.set(name, value);
  const readings: InEnvironment[] = [];
  for (const environment of environments) {
    const options = { unresolved: 'warning', ...(environment !== undefined && { environment }) } as const;
    const loaded = await loadConfiguration(system, [file], options);
    if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
    readings.push({ environment, effective: loaded.effective });
  }
  return findShared(readings).map((problem) => formatProblem(problem).replaceAll(`${folder}/`, ''));
}

describe('a configuration, printed', () => {
  it('is what an environment comes to, with no secret in it', async () => {
    const text = `allow_plaintext_secrets: true
defaults:
  timeout: 5s
budgets:
tokens:
  t:
    grant: client_credentials
    issuer: \${env:ISSUER}
    client_id: \${env:ID}
    client_secret: hunter2
    client_key: "\${env:UNSET}"
    client_certificate: /run/client.pem
checks:
  a:
    every: 10s
    labels: { version_of_api: "1.10", on_call: true }
    http:
      url: https://a.example
      redirects: 0
      headers:
        x: text-\${env:ID}
    assert:
      - status: 200
environments:
  prod:
    checks:
      a:
        http: https://prod.example
`;
    const variables = { ISSUER: 'https://auth.example', ID: 'hunter3hunter3' };
    const printed = printConfiguration(
      (await effective(text, 'prod', { variables, refusesPlaintext: true })).effective,
    );
    expect(printed).toBe(`allow_plaintext_secrets: true
defaults:
  timeout: 5s
budgets:
tokens:
  t:
    grant: client_credentials
    issuer: https://auth.example # \${env:ISSUER}
    client_id: "[secret]" # \${env:ID}
    client_secret: "[secret]" # in plain text
    client_key: \${env:UNSET} # is not set
    client_certificate: /run/client.pem
checks:
  a:
    every: 10s
    labels:
      version_of_api: "1.10"
      on_call: true
    http:
      url: https://prod.example
      redirects: 0
      headers:
        x: "[secret]" # \${env:ID}
    assert:
      - status: 200
`);
    expect(parse(printed).checks.a.http.url).toBe('https://prod.example');
  });

  it('says of what Vault holds that it was not asked', async () => {
    const vault = `vault:\n  address: https://vault.example\n  auth:\n    token: \${env:ID}\n`;
    const text = `${vault}${service(`client_id: a\nclient_secret: \${vault:secret/a#b}\n`)}`;
    const printed = printConfiguration((await effective(text, undefined)).effective);
    expect(printed).toMatch(/client_secret: \$\{vault:secret\/a#b\} # .*Vault/);
  });
});

describe('what may be shown of a secret', () => {
  const text = (password: string) => `allow_plaintext_secrets: true
tokens:
  t: { grant: static, value: "PLAIN-\${env:X}" }
checks:
  a:
    http:
      url: https://me:${password}@a.example/?next=\${env:O}
      headers: { authorization: "Bearer PLAIN\${env:X}", x-api-key: 1234567890 }
environments:
  prod: {}
`;

  it('is the references in it alone, with a value or without', async () => {
    for (const variables of [{ X: 'hunter2', O: 'hunter3' }, {}]) {
      const options = { variables, refusesPlaintext: true };
      const from = (await effective(text('PLAIN'), undefined, options)).effective;
      expect(printConfiguration(from)).toBe(`allow_plaintext_secrets: true
tokens:
  t:
    grant: static
    value: "[secret]" # \${env:X}
checks:
  a:
    http:
      url: "[secret]" # \${env:O}
      headers:
        authorization: "[secret]" # \${env:X}
        x-api-key: "[secret]" # in plain text
`);
      const to = (await effective(text('OTHER'), 'prod', options)).effective;
      const found = compareConfigurations(from, to);
      expect(found.map(({ path }) => path)).toEqual(['checks.a.http.url']);
      expect(JSON.stringify(found)).not.toMatch(/PLAIN|OTHER/);
    }
  });
});

describe('two configurations, compared', () => {
  it('differ by what is there, by its value, and by where it comes from', async () => {
    const text = `${service(`client_id: \${env:ID}\nclient_secret: \${env:ONE}\nscopes: [a, b]\n`)}checks:
  a:
    every: 10s
    http: https://a.example
  b:
    http: https://same.example
environments:
  prod:
    tokens:
      t:
        client_secret: \${env:SAME}
        scopes: [a]
    checks:
      a:
        every: 1m
        timeout: 2s
`;
    const variables = { ID: 'my-client', ONE: 'hunter2', SAME: 'hunter2' };
    const from = (await effective(text, undefined, { variables })).effective;
    const to = (await effective(text, 'prod', { variables })).effective;
    expect(compareConfigurations(from, from)).toEqual([]);
    const found = compareConfigurations(from, to);
    expect(found.map(({ path }) => path)).toEqual([
      'tokens.t.client_secret',
      'tokens.t.scopes.1',
      'checks.a.every',
      'checks.a.timeout',
    ]);
    expect(found[0]).toMatchObject({
      from: { kind: 'secret', reference: `\${env:ONE}` },
      to: { kind: 'secret', reference: `\${env:SAME}` },
    });
    expect(found[1]).toEqual({ path: 'tokens.t.scopes.1', from: { kind: 'plain', text: 'b' } });
    expect(found[3]).toEqual({ path: 'checks.a.timeout', to: { kind: 'plain', text: '2s' } });
  });

  it('do not differ by one reference without a value, nor by one variable with one', async () => {
    const text = `${service(`client_id: \${env:ID}\nclient_secret: \${env:UNSET}\n`)}environments:\n  prod: {}\n`;
    const [from, to] = [await effective(text, undefined), await effective(text, 'prod', { variables: { ID: 'x' } })];
    expect(compareConfigurations(from.effective, to.effective)).toEqual([
      {
        path: 'tokens.t.client_id',
        from: { kind: 'unresolved', reference: `\${env:ID}`, problem: 'is not set' },
        to: expect.objectContaining({ kind: 'secret' }),
      },
    ]);
  });

  it('differ by the value of one variable', async () => {
    const text = service(`client_id: a\nclient_secret: \${env:KEY}\n`);
    const [from, to] = [
      await effective(text, undefined, { variables: { KEY: 'hunter2' } }),
      await effective(text, undefined, { variables: { KEY: 'hunter3' } }),
    ];
    expect(compareConfigurations(from.effective, to.effective)).toHaveLength(1);
  });
});

describe('a client id or secret that two environments share', () => {
  const own = (name: string, lines: string) =>
    `  ${name}:\n    tokens:\n      t:\n${lines.replace(/^(?=.)/gm, '        ')}`;

  it('is told once, with all its places and without its value', async () => {
    const text = `${service('')}environments:\n${own('dev', 'client_id: dev\nclient_secret: hunter2\n')}${own('test', `client_id: test\nclient_secret: \${env:KEY}\n`)}${own('prod', 'client_id: prod\nclient_secret: hunter2\n')}`;
    const said = await shared(text, ['dev', 'test', 'prod'], { variables: { KEY: 'hunter2' } });
    expect(said).toEqual([
      'sonde.yaml:11:24: tokens.t.client_secret in dev is the same as in test (sonde.yaml:16:24) and in prod (sonde.yaml:21:24); expected one for each',
    ]);
  });

  it('is told where none of the two sets it', async () => {
    const text = `${service('client_id: a\nclient_secret: hunter2\n')}environments:\n  dev: {}\n${own('prod', 'client_secret: hunter3\n')}`;
    expect(await shared(text, ['dev', 'prod'])).toEqual([
      'sonde.yaml:6:16: tokens.t.client_id is the same in dev and in prod; expected one for each',
    ]);
    expect(await shared(text, [undefined, 'prod'])).toEqual([
      'sonde.yaml:6:16: tokens.t.client_id is the same without an environment and in prod; expected one for each',
    ]);
  });

  it('is told of what checks send and Vault gets too', async () => {
    const text = `vault: { address: "https://v.example", auth: { token: "\${env:VAULT}" } }
tokens:
  t: { grant: static, value: "\${env:KEY}" }
checks:
  a.b:
    http:
      url: https://a.example
      headers: { authorization: "Bearer \${env:KEY}", x-one: "\${env:ONE}", accept: text/plain }
environments:
  dev: { tokens: { t: { value: "\${env:ONE}" } } }
  prod: { vault: { auth: { token: "\${env:OTHER}" } }, checks: { a.b: { http: { headers: { x-one: "\${env:OTHER}" } } } } }
`;
    const variables = { VAULT: 'hunter2', KEY: 'hunter3', ONE: 'hunter4', OTHER: 'hunter5' };
    expect(await shared(text, ['dev', 'prod'], { variables })).toEqual([
      'sonde.yaml:9:33: checks.a.b.http.headers.authorization in dev and in prod is the same as tokens.t.value in prod (sonde.yaml:4:30); expected one for each',
    ]);
    expect(await shared(text.replace(/ {2}prod: .*/, '  prod: {}'), ['dev', 'prod'], { variables })).toHaveLength(3);
  });

  it('is told of two tokens, and not where one environment alone has it twice', async () => {
    const two = `  u:\n    grant: static\n    value: hunter2\n`;
    const text = `${service('client_id: a\nclient_secret: hunter3\n')}${two}environments:\n  dev: {}\n${own('prod', 'client_id: b\nclient_secret: hunter2\n')}      u:\n        value: of-prod\n`;
    expect(await shared(text, ['dev', 'prod'])).toEqual([
      'sonde.yaml:10:12: tokens.u.value in dev is the same as tokens.t.client_secret in prod (sonde.yaml:17:24); expected one for each',
    ]);
    expect(await shared(text.replace('      u:\n        value: of-prod\n', ''), ['prod'])).toEqual([]);
  });

  it('is not seen in what differs, has no value, or is a client id here and a secret there', async () => {
    const text = `${service('client_id: hunter2\nclient_secret: hunter3\n')}environments:\n  dev: {}\n${own('prod', `client_id: \${env:UNSET}\nclient_secret: hunter2\n`)}`;
    expect(await shared(text, ['dev', 'prod'])).toEqual([]);
  });

  it('is seen in the files of keys', async () => {
    const key = String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const text = `${service('client_id: a\nprivate_key: FOLDER/dev.pem\n')}environments:\n  dev: {}\n${own('prod', 'client_id: b\nprivate_key: FOLDER/prod.pem\n')}`;
    expect(await shared(text, ['dev', 'prod'], { files: { 'dev.pem': key, 'prod.pem': key } })).toEqual([
      'sonde.yaml:7:18: tokens.t.private_key in dev is the same as in prod (sonde.yaml:14:22); expected one for each',
    ]);
  });
});

describe('the share of doubt that marks a latency', () => {
  it('is a percentage', async () => {
    const check = 'checks:\n  a:\n    http: https://a.example\n';
    const text = (share: string) => `${check}metrics:\n  uncertainty_share: ${share}\n`;
    expect((await loadWell(text('50%'))).configuration.uncertaintyShare).toBe(0.5);
    expect((await loadText(text('0.5'))).problems).toEqual([
      'sonde.yaml:5:22: metrics.uncertainty_share is 0.5; expected a share of the latency such as 20%, from 1% to 99%',
    ]);
  });
});

describe('the buckets of latency', () => {
  const text = (buckets: string) =>
    `checks:\n  a:\n    http: https://a.example\nmetrics:\n  latency_buckets: ${buckets}\n`;

  it('are durations that ascend, and the usual ones where none are set', async () => {
    const bucketsOf = async (buckets: string) => (await loadWell(text(buckets))).configuration.latencyBucketsSeconds;
    expect(await bucketsOf('[2.5ms, 300ms, 1m]')).toEqual([0.0025, 0.3, 60]);
    expect((await loadWell('checks:\n  a:\n    http: https://a.example\n')).configuration).not.toHaveProperty(
      'latencyBucketsSeconds',
    );
  });

  it.each([
    ['[1s, 1s]', 'expected durations that ascend'],
    ['[]', 'expected'],
    ['[0.5]', 'expected a duration'],
  ])('are not %s', async (buckets, problem) => {
    const { problems } = await loadText(text(buckets));
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });
});

describe('the label of the environment', () => {
  const check = 'checks:\n  a:\n    http: https://a.example\n';
  const label = 'metrics:\n  environment_label: true\nenvironments:\n  prod: {}\n';

  it('is that of the environment, where it is asked for and there is one', async () => {
    expect((await loadWell(`${check}${label}`, { environment: 'prod' })).configuration.environmentLabel).toBe('prod');
    expect((await loadWell(`${check}${label}`)).configuration).not.toHaveProperty('environmentLabel');
    const unasked = `${check}metrics:\nenvironments:\n  prod: {}\n`;
    expect((await loadWell(unasked, { environment: 'prod' })).configuration).not.toHaveProperty('environmentLabel');
  });

  it('leaves no room for a label of that name on a check', async () => {
    const labelled = `${check}    labels: { environment: dev }\n`;
    expect((await loadText(labelled)).problems).toEqual([]);
    expect((await loadText(`${labelled}${label}`)).problems).toEqual([
      'sonde.yaml:4:15: checks.a.labels.environment is the label that metrics.environment_label sets; expected one of them',
    ]);
  });
});

describe('an environment named all', () => {
  it('is refused, since it would mean each of them', async () => {
    const text = 'checks:\n  a:\n    http: https://a.example\nenvironments:\n  all: {}\n';
    expect((await loadText(text)).problems).toEqual([
      'sonde.yaml:5:3: "all" cannot be the name of an environment; expected another: --env all means each of them',
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadFromMemory, loadText, loadWell } from '../support/load-text.ts';

const said = async (text: string) => (await loadText(text, { refusesPlaintext: true })).problems;
const plain = (place: string, path: string, mend: string) =>
  `sonde.yaml:${place}: ${path} is a secret in plain text; expected a reference, such as "${mend}"`;
const check = (lines: string) => `checks:\n  my-api:\n    http:\n${lines.replace(/^/gm, '      ')}`;

describe('a secret in plain text', () => {
  it('is refused in a token, with the line to write instead', async () => {
    const pem = `|\n      -----BEGIN PRIVATE KEY-----\n      hunter2\n      -----END PRIVATE KEY-----`;
    const text = `tokens:
  claude:
    grant: refresh_token
    issuer: https://a.example
    client_id: a
    client_secret: hunter2
    refresh_token: hunter2
    client_key: ${pem}
    dpop:
      key: '{"hunter2":1}'
  2.key:
    grant: static
    value: hunter2
  bearer:
    grant: jwt_bearer
    issuer: https://a.example
    assertion: hunter2
`;
    const problems = await said(text);
    expect(problems.filter((each) => each.includes('plain text'))).toEqual([
      plain('6:20', 'tokens.claude.client_secret', `client_secret: \${env:CLAUDE_CLIENT_SECRET}`),
      plain('7:20', 'tokens.claude.refresh_token', `refresh_token: \${env:CLAUDE_REFRESH_TOKEN}`),
      plain('8:17', 'tokens.claude.client_key', `client_key: \${file:/run/secrets/claude_client_key.pem}`),
      plain('13:12', 'tokens.claude.dpop.key', `key: \${file:/run/secrets/claude_dpop_key.pem}`),
      plain('16:12', 'tokens.2.key.value', `value: \${env:SONDE_2_KEY_VALUE}`),
      plain('20:16', 'tokens.bearer.assertion', `assertion: \${env:BEARER_ASSERTION}`),
    ]);
    expect(problems.join('\n')).not.toContain('hunter2');
  });

  it('is refused in the keys of the state folder and in the log-in to Vault', async () => {
    const key = '0123456789abcdef'.repeat(4);
    const text = `state_encryption:
  key: ${key}
  old_keys: [${key}]
vault:
  address: https://vault.example
  auth:
    approle:
      role_id: my-role
      secret_id: hunter2
${check('url: https://a.example')}`;
    const problems = await said(text);
    expect(problems).toEqual([
      plain('2:8', 'state_encryption.key', `key: \${env:STATE_KEY}`),
      plain('3:14', 'state_encryption.old_keys.0', `- \${env:STATE_OLD_KEY}`),
      plain('9:18', 'vault.auth.approle.secret_id', `secret_id: \${env:VAULT_SECRET_ID}`),
    ]);
  });

  it('is refused in what a check sends as a credential', async () => {
    const text = check(`url: https://me:hunter2@hunter2@a.example/x?key=hunter2#y
proxy: http://:hunter2@proxy.example:3128
headers:
  Authorization: Bearer hunter2
  cookie: hunter2
  x-api-key: hunter2
  accept: text/plain
client_certificate: x.pem
client_key: |
  -----BEGIN PRIVATE KEY-----`);
    const problems = await said(text);
    const path = 'checks.my-api.http';
    expect(problems).toEqual([
      plain('4:12', `${path}.url`, `url: https://me:\${env:MY_API_PASSWORD}@a.example/x?…`),
      plain('5:14', `${path}.proxy`, `proxy: http://:\${env:MY_API_PASSWORD}@proxy.example:3128`),
      plain('7:24', `${path}.headers.Authorization`, `Authorization: Bearer \${env:MY_API_AUTHORIZATION}`),
      plain('8:17', `${path}.headers.cookie`, `cookie: \${env:MY_API_COOKIE}`),
      plain('9:20', `${path}.headers.x-api-key`, `x-api-key: \${env:MY_API_X_API_KEY}`),
      plain('12:19', `${path}.client_key`, `client_key: \${file:/run/secrets/my_api_client_key.pem}`),
    ]);
    expect(problems.join('\n')).not.toContain('hunter2');
  });

  it('is none where a reference brings it, with a value or without, or where nothing is', async () => {
    const text = check(
      `url: https://me:\${env:KEY}@a.example/\nheaders:\n  authorization: Bearer \${env:KEY}\n  cookie: ""\n  x-api-key: 5`,
    );
    const token = `tokens:\n  t:\n    grant: static\n    value: x-\${env:KEY}\n`;
    expect(await loadText(`${token}${text}`, { refusesPlaintext: true, unresolved: 'warning' })).toMatchObject({
      problems: [],
    });
    const variables = { KEY: 'abcdefgh' };
    expect((await loadText(`${token}${text}`, { refusesPlaintext: true, variables })).problems).toEqual([]);
  });

  it('is refused although it holds what only looks like a reference', async () => {
    const token = 'tokens:\n  t:\n    grant: static\n    value: "$${env:KEY}"\n';
    expect(await said(token)).toEqual([plain('4:12', 'tokens.t.value', `value: \${env:T_VALUE}`)]);
  });

  it('may stand where it is allowed: it is noted, and known for masking', async () => {
    const text = `allow_plaintext_secrets: true\ntokens:\n  t:\n    grant: static\n    value: hunter2\n${check('url: https://a.example\nheaders:\n  authorization: Bearer hunter3')}`;
    const { notes, secrets } = await loadWell(text, { refusesPlaintext: true });
    expect(notes.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      '5: tokens.t.value is a secret in plain text, which allow_plaintext_secrets lets stand',
      '11: checks.my-api.http.headers.authorization is a secret in plain text, which allow_plaintext_secrets lets stand',
    ]);
    expect(secrets.map((secret) => secret.reveal())).toEqual(['hunter2', 'hunter3']);
  });

  it('may be allowed in one environment alone', async () => {
    const text = `tokens:\n  t:\n    grant: static\n    value: hunter2\nenvironments:\n  lab:\n    allow_plaintext_secrets: true\n`;
    expect((await loadText(text, { refusesPlaintext: true })).problems).toHaveLength(1);
    expect((await loadText(text, { refusesPlaintext: true, environment: 'lab' })).problems).toEqual([]);
  });

  it('needs true or false for that', async () => {
    const text = `allow_plaintext_secrets: yes\n${check('url: https://a.example')}`;
    expect(await said(text)).toEqual(['sonde.yaml:1:26: allow_plaintext_secrets is "yes"; expected true or false']);
  });
});

describe('what is said of a configuration', () => {
  const canary = 'canary-4f1d2c';
  const around = fc.constantFrom(
    ...[`${canary}`, `  ${canary}\n`, `\${env:UNSET}${canary}`, `{"d":"${canary}"}`, `{"keys":"${canary}"`],
    ...[`-----BEGIN PRIVATE KEY-----\n${canary}\n-----END PRIVATE KEY-----`, `-----BEGIN X\n${canary}`],
  );
  const wrong = fc.constantFrom<unknown>([canary], { a: canary }, { a: [canary] });
  const secret = fc.oneof({ weight: 4, arbitrary: around }, { weight: 1, arbitrary: wrong });
  const keys = ['client_secret', 'refresh_token', 'value', 'private_key', 'client_key', 'assertion'];
  const token = fc.record(
    {
      grant: fc.constantFrom('static', 'jwt_bearer', 'refresh_token', 'client_credentials', 'none'),
      client_auth: fc.constantFrom('private_key_jwt', 'client_secret_jwt', 'tls_client_auth', 'none', 'other'),
      ...Object.fromEntries(keys.map((key) => [key, secret])),
      dpop: fc.record({ key: secret }),
      parameters: fc.record({ pin: secret }),
    },
    { requiredKeys: ['grant'] },
  );
  const headers = fc.record({ authorization: secret, cookie: secret }, { requiredKeys: [] });
  const http = fc.record({ url: around.map((text) => `https://me:${text}@a.example/`), headers, client_key: secret });

  it('holds no secret, whatever is wrong with it', async () => {
    await fc.assert(
      fc.asyncProperty(token, http, secret, async (t, asked, key) => {
        const data = { tokens: { t }, state_encryption: { key, old_keys: [key] }, checks: { a: { http: asked } } };
        const loaded = await loadFromMemory(JSON.stringify(data), 'warning');
        expect(loaded.ok).toBe(false);
        expect(JSON.stringify(loaded.ok ? [] : loaded.problems)).not.toContain(canary);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the keys of the state folder', () => {
  const [one, two] = ['0123456789abcdef'.repeat(4), Buffer.alloc(32, 7).toString('base64')];
  const text = `state_encryption:\n  key: \${env:ONE}\n  old_keys:\n    - \${env:TWO}\n${check('url: https://a.example')}`;

  it('come by references', async () => {
    const { configuration, secrets } = await loadWell(text, { variables: { ONE: one, TWO: two } });
    expect(configuration.stateEncryption?.key.reveal()).toBe(one);
    expect(configuration.stateEncryption?.oldKeys.map((key) => key.reveal())).toEqual([two]);
    expect(secrets.map((secret) => secret.reveal())).toEqual([one, two]);
  });

  it('are absent without the section, and where it is empty', async () => {
    const { configuration } = await loadWell(`state_encryption:\n${check('url: https://a.example')}`);
    expect(configuration).not.toHaveProperty('stateEncryption');
  });

  it('are told where they are none, without a part of them', async () => {
    const form = 'expected 32 bytes in base64 or hexadecimal, as `openssl rand -base64 32` prints them';
    expect((await loadText(text, { variables: { ONE: 'too-short', TWO: two.slice(1) } })).problems).toEqual([
      `sonde.yaml:2:8: state_encryption.key is not right; ${form}`,
      `sonde.yaml:4:7: state_encryption.old_keys.0 is not right; ${form}`,
    ]);
    expect((await loadText(`state_encryption:\n  old_keys: []\n${check('url: https://a.example')}`)).problems).toEqual([
      `sonde.yaml:2:3: state_encryption.key is missing; ${form}`,
    ]);
  });

  it('may lack a value where the configuration is only looked at', async () => {
    const { configuration } = await loadWell(text, { unresolved: 'warning' });
    expect(configuration).not.toHaveProperty('stateEncryption');
  });

  it('cannot wait for Vault', async () => {
    const vault = `vault:\n  address: https://vault.example\n  auth:\n    token: \${env:ONE}\nstate_encryption:\n  key: \${vault:secret/sonde#key}\n`;
    const { problems } = await loadText(`${vault}${check('url: https://a.example')}`, { variables: { ONE: one } });
    expect(problems).toEqual([
      expect.stringMatching(
        /^sonde.yaml:6:8: "\$\{vault:secret\/sonde#key\}" cannot be had: .*nothing can begin without it$/,
      ),
    ]);
  });
});

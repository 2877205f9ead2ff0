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

  it.each([
    ['https:\\\\me:hunter2@a.example/', 'https:\\\\me:'],
    ['https:/\\me:hunter2@a.example/', 'https:/\\me:'],
    ['https:me:hunter2@a.example/', 'https:me:'],
    ['https:///me:hunter2@a.example/', 'https:///me:'],
  ])('is refused in %s, as URLs are read', async (url, start) => {
    expect(await said(check(`url: ${url}`))).toEqual([
      plain('4:12', 'checks.my-api.http.url', `url: ${start}\${env:MY_API_PASSWORD}@a.example/`),
    ]);
  });

  it('is none behind the host, though an @ follows', async () => {
    expect(await said(check('url: https://a.example:8443\\x@y'))).toEqual([]);
  });

  it('is none where a reference brings it, with a value or without, or where nothing is', async () => {
    const text = check(
      `url: https://me:\${env:KEY}@a.example/\nheaders:\n  authorization: Bearer \${env:KEY}\n  cookie: ""\n  accept: 5`,
    );
    const token = `tokens:\n  t:\n    grant: static\n    value: \${env:KEY}\n`;
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

  it('is refused beside references too, each time by its literal part alone', async () => {
    const text = `tokens:
  t:
    grant: client_credentials
    token_endpoint: https://i.example/t?client_secret=PLAIN
    client_id: a
    client_secret: PLAIN-\${env:X}
    parameters:
      password: PLAIN
      api_key: PLAIN\${env:X}
      resource_type: open
  key:
    grant: static
    value: Bearer PLAIN\${env:X}
${check(`url: https://admin:PLAIN@a.example/cb?next=\${env:O}
proxy: http://u:PLAIN@\${env:H}:3128
headers:
  authorization: Bearer PLAIN\${env:X}
  cookie: lang=en; session=PLAIN\${env:X}`)}
  b:
    http:
      url: \${env:SCHEME}://me:\${env:X}PLAIN@\${env:H}:\${env:PORT}/?access_token=\${env:X}`;
    const problems = await said(text);
    const path = 'checks.my-api.http';
    expect(problems.filter((each) => each.includes('plain text'))).toEqual([
      plain(
        '4:21',
        'tokens.t.token_endpoint',
        `token_endpoint: https://i.example/t?…client_secret=\${env:T_CLIENT_SECRET}`,
      ),
      plain('6:20', 'tokens.t.client_secret', `client_secret: \${env:T_CLIENT_SECRET}`),
      plain('8:17', 'tokens.t.parameters.password', `password: \${env:T_PARAMETERS_PASSWORD}`),
      plain('9:16', 'tokens.t.parameters.api_key', `api_key: \${env:T_PARAMETERS_API_KEY}`),
      plain('13:12', 'tokens.key.value', `value: Bearer \${env:KEY_VALUE}`),
      plain('17:12', `${path}.url`, `url: https://admin:\${env:MY_API_PASSWORD}@a.example/cb?…`),
      plain('18:14', `${path}.proxy`, `proxy: http://u:\${env:MY_API_PASSWORD}@\${…}:3128`),
      plain('20:24', `${path}.headers.authorization`, `authorization: Bearer \${env:MY_API_AUTHORIZATION}`),
      plain('21:17', `${path}.headers.cookie`, `cookie: session=\${env:MY_API_COOKIE}`),
      plain('24:12', 'checks.b.http.url', `url: \${…}://me:\${env:B_PASSWORD}@\${…}:\${…}/?…`),
    ]);
    expect(problems.join('\n')).not.toContain('PLAIN');
  });

  it('is none where references bring all of it, whatever is between them', async () => {
    const text = `tokens:
  t:
    grant: static
    value: Basic \${env:U}:\${env:P}
  k:
    grant: client_credentials
    issuer: https://i.example
    client_id: a
    private_key: |
      -----BEGIN PRIVATE KEY-----
      \${env:X}
      -----END PRIVATE KEY-----
${check(`url: https://\${env:U}:\${env:P}@a.example/?key=open&page_token=2&sort=api_key
headers:
  authorization: Token token="\${env:X}"
  proxy-authorization: Bearer
  cookie: consent=yes; lang=en; session=\${env:X}
  x-idempotency-key: open
  x-atlassian-token: no-check
body:
  max_tokens: 100
  token_type: access_token
  password: ""
  client_secret: \${env:X}
  use_password: true`)}
  b: { http: { url: "https://me@a.example", body: "grant_type=password&password=\${env:X}" } }
  c: { http: { url: "https://a.example", body: '{"password":"\${env:X}","page":1}' } }
  d: { http: { url: "https://a.example", body: "password: none" } }`;
    expect((await loadText(text, { refusesPlaintext: true, unresolved: 'warning' })).problems).toEqual([]);
  });

  it('is refused in parameters, in members of a body, and in headers that are named for it', async () => {
    const text = check(`url: https:u:PLAIN@a.example/?sig=PLAIN
query: { api_key: [PLAIN] }
headers:
  X-Goog-Api-Key: PLAIN
  Ocp-Apim-Subscription-Key: PLAIN
  X-Amz-Security-Token: PLAIN
  X-Secret: PLAIN
  X-Api-Key: 1234567890
body:
  outer: [{ refresh_token: PLAIN, clientSecret: 1234567890 }]`);
    const rest = `
  form:
    http:
      url: https://sk_live_PLAIN:@a.example/
      body: grant_type=password&password=PLAIN
  json:
    http:
      url: https:\\\\ghp_PLAIN@a.example/x
      body: '{"a":{"password":"PLAIN"}}'`;
    const problems = await said(text + rest);
    const path = 'checks.my-api.http';
    expect(problems).toEqual([
      plain('4:12', `${path}.url`, `url: https:u:\${env:MY_API_PASSWORD}@a.example/?…`),
      plain('4:12', `${path}.url`, `url: https:…@a.example/?…sig=\${env:MY_API_SIG}`),
      plain('5:26', `${path}.query.api_key.0`, `- \${env:MY_API_API_KEY}`),
      plain('7:25', `${path}.headers.X-Goog-Api-Key`, `X-Goog-Api-Key: \${env:MY_API_X_GOOG_API_KEY}`),
      plain(
        '8:36',
        `${path}.headers.Ocp-Apim-Subscription-Key`,
        `Ocp-Apim-Subscription-Key: \${env:MY_API_OCP_APIM_SUBSCRIPTION_KEY}`,
      ),
      plain(
        '9:31',
        `${path}.headers.X-Amz-Security-Token`,
        `X-Amz-Security-Token: \${env:MY_API_X_AMZ_SECURITY_TOKEN}`,
      ),
      plain('10:19', `${path}.headers.X-Secret`, `X-Secret: \${env:MY_API_X_SECRET}`),
      plain('11:20', `${path}.headers.X-Api-Key`, `X-Api-Key: \${env:MY_API_X_API_KEY}`),
      plain('13:34', `${path}.body.outer.0.refresh_token`, `refresh_token: \${env:MY_API_REFRESH_TOKEN}`),
      plain('13:55', `${path}.body.outer.0.clientSecret`, `clientSecret: \${env:MY_API_CLIENTSECRET}`),
      plain('16:12', 'checks.form.http.url', `url: https://\${env:FORM_USER}@a.example/`),
      plain('17:13', 'checks.form.http.body', `body: …password=\${env:FORM_PASSWORD}…`),
      plain('20:12', 'checks.json.http.url', `url: https:\\\\\${env:JSON_USER}@a.example/x`),
      plain('21:13', 'checks.json.http.body', `body: …"password":"\${env:JSON_PASSWORD}"…`),
    ]);
    expect(problems.join('\n')).not.toContain('PLAIN');
  });

  it('is refused wherever it stands in the files, whichever environment is chosen', async () => {
    const text = `tokens:
  t: { grant: static, value: PLAIN }
environments:
  prod: { tokens: { t: { value: "\${env:X}" } } }
  test: { tokens: { t: { value: PLAIN } }, checks: { a: { http: "https://u:PLAIN@a.example" } } }
  lab: { allow_plaintext_secrets: true, tokens: { t: { value: PLAIN } } }
`;
    const expected = [
      plain('2:30', 'tokens.t.value', `value: \${env:T_VALUE}`),
      plain('5:33', 'environments.test.tokens.t.value', `value: \${env:T_VALUE}`),
      plain('5:65', 'environments.test.checks.a.http.url', `url: https://u:\${env:A_PASSWORD}@a.example`),
    ];
    for (const options of [{}, { environment: 'prod' }, { environment: 'test' }])
      expect((await loadText(text, { refusesPlaintext: true, unresolved: 'warning', ...options })).problems).toEqual(
        expected,
      );
    const lab = await loadText(text, { refusesPlaintext: true, environment: 'lab' });
    expect(lab.problems).toEqual(expected.slice(1));
  });

  it('is told once where it is a number, which is no text', async () => {
    const token = 'tokens:\n  t:\n    grant: client_credentials\n    issuer: https://a.example\n    client_id: a\n';
    expect(await said(`${token}    client_secret: 123456789\n`)).toEqual([
      'sonde.yaml:6:20: tokens.t.client_secret is a number; expected text: put it in quotes',
    ]);
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

import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import { createFolder, loadWell } from '../support/load-text.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

const at = (line: number, column: number) => ({ file: expect.stringMatching(/sonde\.yaml$/), line, column });

describe('the configuration', () => {
  it('needs no more than a check and a URL', async () => {
    const { configuration, warnings, secrets } = await loadWell(
      'checks:\n  api:\n    http: https://api.example.com/health\n',
    );
    expect(warnings).toEqual([]);
    expect(secrets).toEqual([]);
    expect(configuration).toEqual({
      server: { host: '127.0.0.1', port: 7663, allowReload: false },
      stateDir: './state',
      keepRuns: 10,
      shutdownGraceMs: 10_000,
      clock: { servers: [], everyMs: 300_000, toleranceMs: 1_000, correctAssertions: false },
      uncertaintyShare: 0.2,
      budgets: [{ name: 'default', ratePerSecond: 10, burst: 10, reserveForTokens: 0 }],
      tokens: [],
      checks: [
        {
          name: 'api',
          kind: 'http',
          schedule: { everyMs: 30_000 },
          timeoutMs: 5_000,
          budget: 'default',
          needsScopes: [],
          confirm: 1,
          trace: true,
          allowHttp: false,
          labels: {},
          spec: expect.objectContaining({ url: 'https://api.example.com/health', method: 'GET' }),
          assertions: [],
          place: at(2, 3),
          placeOf: expect.any(Function),
        },
      ],
    });
  });

  it('takes over all settings', async () => {
    const { configuration } = await loadWell(`
server:
  listen: "[::1]:0"
  allow_reload: true
state_dir: /var/lib/sonde
shutdown_grace: 0s
clock:
  servers: [ntp.example.net, 192.0.2.1:1123, "2001:db8::1", "[2001:db8::2]:5", NTP.example.net.]
  every: 1h
  tolerance: 250ms
  correct_assertions: true
budgets:
  default:
    rate: 300/m
  slow:
    rate: 0.5/h
  api:
    rate: 2.5/s
    burst: 7
    reserve_for_tokens: 2
checks:
  api:
    http: https://api.example.com
`);
    expect(configuration).toMatchObject({
      server: { host: '::1', port: 0, allowReload: true },
      stateDir: '/var/lib/sonde',
      shutdownGraceMs: 0,
      clock: {
        servers: [
          { host: 'ntp.example.net', port: 123 },
          { host: '192.0.2.1', port: 1123 },
          { host: '2001:db8::1', port: 123 },
          { host: '2001:db8::2', port: 5 },
        ],
        everyMs: 3_600_000,
        toleranceMs: 250,
        correctAssertions: true,
      },
      budgets: [
        { name: 'default', ratePerSecond: 5, burst: 5, reserveForTokens: 0 },
        { name: 'ntp', ratePerSecond: 10, burst: 10, reserveForTokens: 0 },
        { name: 'slow', ratePerSecond: 0.5 / 3600, burst: 1, reserveForTokens: 0 },
        { name: 'api', ratePerSecond: 2.5, burst: 7, reserveForTokens: 2 },
      ],
    });
  });

  it('takes over all keys of checks', async () => {
    const { configuration } = await loadWell(
      `
defaults:
  every: 10s
  timeout: 2s
tokens:
  key:
    grant: static
    value: abcdefgh
    send_to: [https://api.example.com/]
checks:
  first:
    cron: "*/5 * * * *"
    timezone: Europe/Berlin
    timeout: 1.5s
    token: key
    confirm: 3
    trace: false
    labels: { team: platform, tier: 1, on_call: true }
    http:
      url: https://API.example.com:443/v1
    assert:
      - status: 2xx
  second:
    cron: 0 0 29 2 *
    allow_http: true
    labels: { region: eu }
    token: key-2
    http: http://api.example.com
  third:
    http: https://api.example.com
  "404.page_2":
    every: 100ms
    http: https://api.example.com
`.replace('checks:', '  key-2: { grant: static, value: abcdefgh }\nchecks:'),
    );
    const [first, second, third, fourth] = configuration.checks;
    expect(first).toMatchObject({
      schedule: { cron: '*/5 * * * *', timezone: 'Europe/Berlin' },
      timeoutMs: 1500,
      token: 'key',
      confirm: 3,
      trace: false,
      assertions: [{ status: '2xx' }],
    });
    expect(second).toMatchObject({ schedule: { cron: '0 0 29 2 *', timezone: 'UTC' }, allowHttp: true });
    expect(third).toMatchObject({ schedule: { everyMs: 10_000 }, timeoutMs: 2_000 });
    expect(fourth).toMatchObject({ name: '404.page_2', schedule: { everyMs: 100 } });
  });

  it('gives all checks the same labels, empty where a check does not set one', async () => {
    const { configuration } = await loadWell(`
checks:
  a: { http: "https://a.example", labels: { team: x, tier: 1 } }
  b: { http: "https://b.example", labels: { region: eu } }
  c: { http: "https://c.example" }
`);
    expect(configuration.checks.map(({ labels }) => labels)).toEqual([
      { region: '', team: 'x', tier: '1' },
      { region: 'eu', team: '', tier: '' },
      { region: '', team: '', tier: '' },
    ]);
  });

  it('takes over all keys of tokens', async () => {
    const folder = await createFolder({ secret: 'file-secret\n' });
    const system = createVirtualSystem();
    system.environmentVariables.set('ID', 'my-client');
    system.environmentVariables.set('REFRESH', 'env-refresh');
    const { configuration, secrets } = await loadWell(
      `
defaults:
  timeout: 3s
budgets:
  issuer: { rate: 1/s }
tokens:
  a:
    issuer: https://auth.example.com
    grant: client_credentials
    client_id: \${env:ID}
    client_secret: "\${file:${folder}/secret}"
    scopes: [a, "b:c"]
    refresh:
      before_expiry: 5%
    send_to: [https://api.example.com, "http://127.0.0.1:80/"]
    present:
      header: X-Token
    export:
      file: /run/token
    budget: issuer
    timeout: 1m
  b:
    grant: refresh_token
    token_endpoint: http://localhost:9/token
    client_id: public
    refresh_token: \${env:REFRESH}
    refresh:
      cron: 0 * * * *
  c:
    grant: static
    value: key-\${env:ID}
    allow_http: true
`,
      { system },
    );
    const [a, b, c] = configuration.tokens;
    expect(a).toEqual({
      name: 'a',
      grant: 'client_credentials',
      issuer: 'https://auth.example.com',
      endpoints: {},
      clientId: 'my-client',
      clientSecret: new Secret('file-secret'),
      clientAuth: 'client_secret_basic',
      presentCertificate: true,
      tokenRequest: 'form',
      resources: [],
      parameters: {},
      login: { pushed: false, parameters: {} },
      introspect: false,
      scopes: ['a', 'b:c'],
      neededScopes: {},
      refresh: { beforeExpiry: 0.05 },
      header: 'x-token',
      exportTo: { file: '/run/token', mode: 0o600 },
      sendTo: ['https://api.example.com', 'http://127.0.0.1'],
      budget: 'issuer',
      timeoutMs: 60_000,
      allowHttp: false,
      place: at(7, 3),
    });
    expect(a?.clientSecret?.reveal()).toBe('file-secret');
    expect(b).toMatchObject({
      endpoints: { token: 'http://localhost:9/token' },
      clientAuth: 'none',
      refresh: { cron: '0 * * * *', timezone: 'UTC' },
    });
    expect(b?.refreshToken?.reveal()).toBe('env-refresh');
    expect(c).toMatchObject({ refresh: { beforeExpiry: 0.2 }, timeoutMs: 3_000, allowHttp: true });
    expect(c?.value?.reveal()).toBe('key-my-client');
    expect(secrets.map((secret) => secret.reveal()).sort()).toEqual([
      'env-refresh',
      'file-secret',
      'key-',
      'key-my-client',
      'my-client',
    ]);
  });

  it('refreshes a token when a fifth of its life is left, unless told otherwise', async () => {
    const { configuration } = await loadWell(
      'tokens:\n  a: { grant: refresh_token, issuer: https://a.example, client_id: a, refresh_token: abcdefgh, refresh: {} }\n',
    );
    expect(configuration.tokens[0]?.refresh).toEqual({ beforeExpiry: 0.2 });
  });

  it('takes a reference to a mere origin for no secret, and one to more than that for one', async () => {
    const system = createVirtualSystem();
    system.environmentVariables.set('BASE', 'https://api.example.com');
    system.environmentVariables.set('HOOK', 'https://hooks.example.com/T0/B0/xyz');
    const { configuration, secrets } = await loadWell(
      `
checks:
  base:
    http: \${env:BASE}/v1/models
  hook:
    http: \${env:HOOK}
`,
      { system },
    );
    const [base, hook] = configuration.checks.map(({ spec }) => (spec as { url: unknown }).url);
    expect(base).toBe('https://api.example.com/v1/models');
    expect(hook).toBeInstanceOf(Secret);
    expect(secrets.map((secret) => secret.reveal())).toEqual(['https://hooks.example.com/T0/B0/xyz']);
  });

  it('counts a password in an address among its secrets', async () => {
    const { secrets } = await loadWell('checks:\n  a:\n    http: https://me:hunter2hunter2@api.example.com/\n');
    expect(secrets.map((secret) => secret.reveal())).toEqual(['hunter2hunter2', btoa('me:hunter2hunter2')]);
  });

  it('repeats what an alias stands for', async () => {
    const { configuration } = await loadWell(`
checks:
  a:
    labels: &labels { team: x }
    http: &address https://a.example
  b:
    labels: *labels
    http: *address
`);
    expect(configuration.checks[1]).toMatchObject({ labels: { team: 'x' }, spec: { url: 'https://a.example' } });
  });
});

describe('references in a check', () => {
  it('become secrets, and their values are known for masking', async () => {
    const system = createVirtualSystem();
    system.environmentVariables.set('KEY', 'abc-123');
    system.environmentVariables.set('HOST', 'api.example.com');
    const { configuration, secrets } = await loadWell(
      `
checks:
  api:
    http:
      url: https://\${env:HOST}/v1
      headers:
        authorization: Bearer \${env:KEY}
        plain: text
        literal: $\${env:KEY}
        count: 5
      query:
        key: [\u0022\${env:KEY}\u0022, 1]
      body:
        key: \${env:KEY}
        deep: [{ keys: [true, "\${env:KEY}-\${env:KEY}"] }, null, 1.5]
`,
      { system },
    );
    const reveal = (data: unknown): unknown => {
      if (data instanceof Secret) return `secret ${data.reveal()}`;
      if (Array.isArray(data)) return data.map(reveal);
      if (typeof data !== 'object' || data === null) return data;
      return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, reveal(value)]));
    };
    expect(reveal(configuration.checks[0]?.spec)).toMatchObject({
      url: 'secret https://api.example.com/v1',
      headers: { authorization: 'secret Bearer abc-123', plain: 'text', literal: `\${env:KEY}`, count: 5 },
      query: { key: ['secret abc-123', 1] },
      body: { key: 'secret abc-123', deep: [{ keys: [true, 'secret abc-123-abc-123'] }, null, 1.5] },
    });
    expect(secrets.map((secret) => secret.reveal()).sort()).toEqual([
      'Bearer abc-123',
      'abc-123',
      'abc-123-abc-123',
      'api.example.com',
      'https://api.example.com/v1',
    ]);
    expect(JSON.stringify(configuration)).not.toContain('abc-123');
  });

  it('may be escaped anywhere', async () => {
    const { configuration } = await loadWell(
      `checks:\n  api:\n    labels: { a: "$\${x}" }\n    http: https://a.example\n    assert:\n      - body: { contains: "$\${y}" }\n`,
    );
    expect(configuration.checks[0]).toMatchObject({
      labels: { a: `\${x}` },
      assertions: [{ body: { contains: `\${y}` } }],
    });
  });
});

describe('references without a value', () => {
  const text = `
tokens:
  a:
    grant: client_credentials
    issuer: \${env:ISSUER}
    client_id: \${env:ID}
    client_secret: \${file:/nowhere/secret}
    budget: \${env:BUDGET}
    send_to: ["\${env:ORIGIN}"]
    timeout: \${env:TIMEOUT}
checks:
  b:
    token: a
    http:
      url: http://\${env:HOST}/
`;
  const said = [
    `5:13: "\${env:ISSUER}" is not set; expected a value`,
    `6:16: "\${env:ID}" is not set; expected a value`,
    `7:20: "\${file:/nowhere/secret}" is not there; expected a value`,
    `8:13: "\${env:BUDGET}" is not set; expected a value`,
    `9:15: "\${env:ORIGIN}" is not set; expected a value`,
    `10:14: "\${env:TIMEOUT}" is not set; expected a value`,
    `15:12: "\${env:HOST}" is not set; expected a value`,
  ];

  it('are errors where a configuration is to run, and nothing else is said of them', async () => {
    await expect(loadWell(text)).rejects.toThrow(said.map((each) => `sonde.yaml:${each}`).join('\n'));
  });

  it('are warnings where it is only looked at', async () => {
    const { configuration, warnings } = await loadWell(text, { unresolved: 'warning' });
    expect(warnings.map(({ line, column, message }) => `${line}:${column}: ${message}`)).toEqual(said);
    expect(configuration.tokens.map(({ name }) => name)).toEqual(['a']);
    expect(configuration.checks.map(({ name }) => name)).toEqual(['b']);
  });
});

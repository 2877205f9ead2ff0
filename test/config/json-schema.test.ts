import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createJsonSchema } from '../../src/config/json-schema.ts';
import { probeKinds } from '../../src/probes/index.ts';
import { loadFromMemory, loadText } from '../support/load-text.ts';

const samples = [
  'claude-api.yaml',
  'claude-api-bearer.yaml',
  'lab.yaml',
  'lab-login.yaml',
  'lab-more.yaml',
  'time-server.yaml',
];
const matches = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true }).compile(
  createJsonSchema(probeKinds),
);

/** What the schema says of a text, as paths and messages. */
function complaints(text: string): string[] {
  matches(parse(text));
  return (matches.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('the JSON Schema', () => {
  it.each(samples)('accepts the shipped %s', async (name) => {
    expect(complaints(await readFile(new URL(`../../checks/${name}`, import.meta.url), 'utf8'))).toEqual([]);
  });

  it.each([
    ['the main key alone', 'checks: { a: { http: "https://a.example" } }'],
    [
      'assertions of one kind alone',
      'checks: { a: { ntp: a.example, assert: [{ offset: { within: 1s } }, { stratum: { below: 4 } }] } }',
    ],
    [
      'all settings',
      'server: { listen: "[::1]:0", allow_reload: true }\nstate_dir: ./x\nshutdown_grace: 5s\nkeep_runs: 100\nclock: { servers: [a], every: 1m, tolerance: 1s }\ndefaults: { every: 1s, timeout: 2s }\nbudgets: { b: { rate: 1.5/m, burst: 2, reserve_for_tokens: 1 } }\nchecks: { a: { http: "https://a.example" } }',
    ],
    [
      'empty sections',
      'tokens:\nbudgets:\nserver:\nstate_dir:\nclock:\ndefaults:\nshutdown_grace:\nchecks: { a: { http: "https://a.example" } }',
    ],
    [
      'all of a check',
      'checks: { a: { cron: "* * * * *", timezone: UTC, timeout: 1s, confirm: 2, trace: false, allow_http: true, labels: { a: x, b: 5, c: true }, http: { url: "http://a.example", method: POST, query: { a: 1, b: [x, true] }, headers: { x: 5 }, body: { a: [1] }, redirects: 0, max_body: 5, prefer: ip4 }, assert: [{ status: [200, 2xx] }, { header: { name: x } }, { body: { contains: x } }, { json: $.a, above: 5 }, { latency: { below: 5s } }, { certificate: { days_left_above: 5 } }] } }',
    ],
    [
      'all of a token',
      'tokens: { t: { grant: refresh_token, issuer: "https://a.example", authorization_endpoint: "https://a.example", client_id: x, client_secret: abcdefgh, client_auth: client_secret_post, refresh_token: abcdefgh, scopes: [a], refresh: { before_expiry: 5% }, send_to: ["https://a.example"], present: { header: x }, export: { file: x }, budget: default, timeout: 5s, allow_http: true } }',
    ],
    [
      'all of a token that a person logs in to',
      'tokens: { t: { grant: authorization_code, issuer: "https://a.example", token_endpoint: "https://a.example", device_authorization_endpoint: "https://a.example", pushed_authorization_request_endpoint: "https://a.example", introspection_endpoint: "https://a.example", revocation_endpoint: "https://a.example", client_id: x, client_secret: abcdefgh, client_auth: client_secret_jwt, client_assertion_audience: x, token_request: json, dpop: { algorithm: EdDSA }, resource: "https://a.example", audience: x, parameters: { a: b }, login: { redirect_uri: "http://127.0.0.1/cb", pushed: true, parameters: { prompt: consent } }, introspect: true, export: { file: x, mode: "0640" } } }\nchecks: { a: { token: t, needs_scopes: [x], http: "https://a.example" } }',
    ],
    [
      'all of what signs for itself',
      `tokens: { t: { grant: jwt_bearer, issuer: "https://a.example", client_id: a, private_key: "\${env:A}", kid: x, signing_alg: ES256, client_certificate: "\${env:A}", client_key: "\${env:A}", ca: "\${env:A}", dpop: { key: "\${env:A}" }, resource: ["urn:x"], assertion: { issuer: a, subject: b, audience: c, lifetime: 1m, claims: { d: [1] } }, present: { client_certificate: false } }, u: { grant: jwt_bearer, issuer: "https://a.example", dpop: true, assertion: abcdefgh } }`,
    ],
    [
      'sections that hold secrets',
      `state_encryption: { key: "\${env:A}", old_keys: ["\${env:A}"] }\nvault: { address: "https://a.example", auth: { jwt: { role: x, jwt: "\${env:A}" } }, namespace: x, timeout: 1s }\nmetrics: { environment_label: true, uncertainty_share: 5%, latency_buckets: [1s] }\nallow_plaintext_secrets: false\nclock: { correct_assertions: true }\nchecks: { a: { http: "https://a.example" } }`,
    ],
    [
      'what an environment takes away',
      'tokens: { t: { grant: static, value: abcdefgh, send_to: ["https://a.example"] } }\nchecks: { a: { http: "https://a.example", every: 5s }, b: { http: "https://a.example" } }\nenvironments: { p: { tokens: { t: { send_to: ~ } }, checks: { a: { every: ~ }, b: ~ } } }',
    ],
    [
      'what an environment completes',
      'tokens: { t: { grant: static } }\nchecks: { a: { every: 5s } }\nenvironments: { "": {}, }'.replace(
        '"": {},',
        'p: { tokens: { t: { value: abcdefgh } }, checks: { a: { http: { url: "https://a.example" } } } }',
      ),
    ],
  ])('accepts what loads: %s', async (_, text) => {
    const { problems } = await loadText(text, {
      unresolved: 'warning',
      refusesPlaintext: text.includes('allow_plaintext_secrets'),
      ...(text.includes('environments') && { environment: 'p' }),
    });
    expect(problems).toEqual([]);
    expect(complaints(text)).toEqual([]);
  });

  it('accepts references wherever a token has a value', () => {
    const token = `grant: "\${env:A}", client_auth: "\${env:A}", scopes: ["\${env:A}"], timeout: "\${env:A}", refresh: { before_expiry: "\${env:A}" }, present: { header: "\${env:A}" }`;
    expect(complaints(`tokens: { t: { ${token} } }`)).toEqual([]);
  });

  it.each([
    ['an unknown section', 'check: {}'],
    ['an unknown key', 'checks: { a: { http: "x", evry: 5s } }'],
    ['an unknown key of a kind', 'checks: { a: { http: { url: x, uri: y } } }'],
    ['an unknown key of an assertion', 'checks: { a: { http: x, assert: [{ stauts: 200 }] } }'],
    ['an assertion without what it needs', 'checks: { a: { http: x, assert: [{ header: { equals: x } }] } }'],
    ['a duration without a unit', 'checks: { a: { http: x, every: 5 } }'],
    ['a duration of an unknown unit', 'defaults: { timeout: 5y }'],
    ['a wrong rate', 'budgets: { b: { rate: 5/x } }'],
    ['a name with a space', 'budgets: { a b: { rate: 5/s } }'],
    ['two schedules', 'checks: { a: { http: x, every: 5s, cron: "* * * * *" } }'],
    ['a grant that is not there', 'tokens: { t: { grant: password } }'],
    ['a mode that is a number', 'tokens: { t: { export: { file: x, mode: 0640 } } }'],
    ['a wrong share', 'tokens: { t: { refresh: { before_expiry: 120% } } }'],
    ['an unknown key in an environment', 'environments: { p: { checks: { a: { evry: 5s } } } }'],
    ['a check that is a text', 'checks: { a: x }'],
  ])('refuses %s, which does not load either', async (_, text) => {
    expect(complaints(text)).not.toEqual([]);
    const environment = text.includes('environments') ? { environment: 'p' } : {};
    expect((await loadText(text, environment)).problems).not.toEqual([]);
  });

  it('lets no two kinds stand in one check', () => {
    const [http] = probeKinds;
    const other = { ...http, kind: 'other' } as (typeof probeKinds)[number];
    const either = new Ajv({ strict: false }).compile(createJsonSchema([...probeKinds, other]));
    expect(either(parse('checks: { a: { other: x } }'))).toBe(true);
    expect(either(parse('checks: { a: { http: x, other: x } }'))).toBe(false);
  });
});

describe('whatever loads', () => {
  const value = fc.constantFrom<unknown>(
    ...[null, true, 0, 1, 5, 'x', '5s', '1h', '2xx', '5/s', '20%', 'UTC', 'static', '0 * * * *', 'default', 'GET'],
    ...[
      'https://a.example',
      'http://localhost:1',
      '127.0.0.1:0',
      [],
      ['x'],
      ['https://a.example'],
      {},
      { header: 'x' },
    ],
    ...[
      { status: 200 },
      [{ status: 200 }],
      { every: '1h' },
      { before_expiry: '5%' },
      { file: '/x' },
      { url: 'https://a.example' },
    ],
  );
  const some = (...keys: string[]) => fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 2 });
  const check = some(...['every', 'cron', 'timezone', 'timeout', 'confirm', 'trace', 'labels', 'assert', 'allow_http']);
  const token = some(...['scopes', 'refresh', 'send_to', 'present', 'export', 'budget', 'timeout', 'allow_http']);
  const issued = some(
    ...['login', 'dpop', 'resource', 'parameters', 'introspect', 'token_request', 'assertion', 'kid'],
  );
  const section = fc.oneof(
    fc.record({ server: some('listen', 'allow_reload') }),
    fc.record({ defaults: some('every', 'timeout') }),
    fc.record({ clock: some('servers', 'every', 'tolerance') }),
    fc.record({ state_dir: value }),
    fc.record({ shutdown_grace: value }),
    fc.record({ environments: value }),
    fc.record({ budgets: fc.record({ b: some('rate', 'burst', 'reserve_for_tokens') }) }),
    token.map((keys) => ({ tokens: { t: { ...keys, grant: 'static', value: 'abcdefgh' } } })),
    issued.map((keys) => ({
      tokens: { t: { ...keys, grant: 'authorization_code', issuer: 'https://a.example', client_id: 'a' } },
    })),
    check.map((keys) => ({ checks: { a: { ...keys, http: 'https://a.example' } } })),
    some('http').map((keys) => ({ checks: { a: keys } })),
  );

  it('is accepted by the JSON Schema', async () => {
    let loaded = 0;
    await fc.assert(
      fc.asyncProperty(section, async (data) => {
        const text = JSON.stringify({
          allow_plaintext_secrets: true,
          checks: { b: { http: 'https://b.example' } },
          ...data,
        });
        if ((await loadFromMemory(text, 'warning')).ok) {
          loaded++;
          expect(complaints(text)).toEqual([]);
        }
      }),
      { numRuns: 500, seed: 7 },
    );
    expect(loaded).toBeGreaterThan(25);
  });
});

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Refused } from '../../src/cli/refused.ts';
import { validate } from '../../src/cli/validate.ts';
import { createFolder } from '../support/load-text.ts';
import { createRecordedOutput } from '../support/recorded-output.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

async function run(text: string, options = {}) {
  const folder = await createFolder({ 'sonde.yaml': text });
  const output = createRecordedOutput();
  const code = await validate(createVirtualSystem(), output, [join(folder, 'sonde.yaml')], options);
  return { code, out: output.outText(), err: output.errText().replaceAll(`${folder}/`, '') };
}

describe('sonde validate', () => {
  it('counts what it found', async () => {
    expect(await run('checks: { a: { http: "https://a.example" } }')).toEqual({
      code: 0,
      out: '1 check, 0 tokens, 1 budget\n',
      err: '',
    });
  });

  it('prints all problems to standard error and exits with 2', async () => {
    expect(await run('checks: { a: { htp: x } }\nserver: 5')).toEqual({
      code: 2,
      out: '',
      err: 'sonde.yaml:1:16: "htp" is not a key of checks.a; did you mean "http"?\nsonde.yaml:2:9: server is 5; expected a mapping\n',
    });
  });

  it('warns of references without a value, so that it runs where the secrets are not', async () => {
    expect(await run(`tokens: { t: { grant: static, value: "\${env:KEY}" } }`)).toEqual({
      code: 0,
      out: '0 checks, 1 token, 1 budget\n',
      err: `warning: sonde.yaml:1:38: "\${env:KEY}" is not set; expected a value\n`,
    });
  });

  it('lays the environment over that it is given', async () => {
    const text =
      'checks: { a: { every: 5s } }\nenvironments: { prod: { checks: { a: { http: "https://a.example" } } } }';
    expect((await run(text, { env: 'prod' })).code).toBe(0);
    expect((await run(text, { env: 'prd' })).err).toContain('did you mean "prod"?');
  });

  it('prints what an environment comes to', async () => {
    const text =
      'checks: { a: { every: 5s } }\nenvironments: { prod: { checks: { a: { http: "https://a.example" } } } }';
    expect(await run(text, { env: 'prod', print: true })).toEqual({
      code: 0,
      out: 'checks:\n  a:\n    every: 5s\n    http:\n      url: https://a.example\n',
      err: '',
    });
    await expect(run(text, { env: 'all', print: true })).rejects.toThrow(Refused);
  });

  it('notes secrets in plain text where they are allowed', async () => {
    expect(await run('allow_plaintext_secrets: true\ntokens: { t: { grant: static, value: hunter2 } }')).toEqual({
      code: 0,
      out: '0 checks, 1 token, 1 budget\n',
      err: 'note: sonde.yaml:2:38: tokens.t.value is a secret in plain text, which allow_plaintext_secrets lets stand\n',
    });
  });
});

describe('sonde validate --env all', () => {
  const check = 'checks:\n  a:\n    http: https://a.example\n';

  it('tells what is wrong once, and in which environments', async () => {
    const text = `${check}    evry: 5s\nenvironments:\n  dev:\n    checks:\n      a:\n        confirm: 0\n  test: {}\n  prod:\n    checks:\n      a:\n        confirm: x\n`;
    expect(await run(text, { env: 'all' })).toEqual({
      code: 2,
      out: '',
      err: `sonde.yaml:4:5: "evry" is not a key of checks.a; did you mean "every"?
sonde.yaml:9:18: dev: checks.a.confirm is 0; expected at least 1
sonde.yaml:14:18: prod: checks.a.confirm is "x"; expected a number
`,
    });
  });

  it('names all environments that share a problem', async () => {
    const token = `tokens:\n  t:\n    grant: static\nenvironments:\n  dev: {}\n  test: {}\n  prod:\n    tokens:\n      t:\n        value: \${env:KEY}\n`;
    expect((await run(token, { env: 'all' })).err).toContain(
      'sonde.yaml:2:3: without an environment, dev, test: tokens.t has no value; expected it for the grant static\n',
    );
  });

  it('only warns of what is wrong without an environment, since a configuration may need one', async () => {
    const text = `checks:\n  a:\n    every: 5s\nenvironments:\n  dev:\n    checks:\n      a:\n        http: https://dev.example\n`;
    expect(await run(text, { env: 'all' })).toEqual({
      code: 0,
      out: 'dev: 1 check, 0 tokens, 1 budget\n',
      err: 'warning: sonde.yaml:2:3: without an environment: checks.a has no kind of probe; expected one of http, ntp\n',
    });
    expect((await run(text)).code).toBe(2);
  });

  it('warns of references without a value, and counts what each environment has', async () => {
    const text = `${check}environments:\n  prod:\n    tokens:\n      t:\n        grant: static\n        value: \${env:KEY}\n`;
    expect(await run(text, { env: 'all' })).toEqual({
      code: 0,
      out: 'without an environment: 1 check, 0 tokens, 1 budget\nprod: 1 check, 1 token, 1 budget\n',
      err: `warning: sonde.yaml:9:16: prod: "\${env:KEY}" is not set; expected a value\n`,
    });
  });

  it('has nothing to lay over where there are none', async () => {
    expect(await run(check, { env: 'all' })).toMatchObject({
      code: 0,
      out: 'without an environment: 1 check, 0 tokens, 1 budget\n',
    });
    expect((await run('checks: 5', { env: 'all' })).err).toBe(
      'sonde.yaml:1:9: checks is 5; expected a mapping of names\n',
    );
  });
});

describe('a secret that two environments share', () => {
  const own = (name: string, secret: string) =>
    `  ${name}:\n    tokens:\n      t:\n        client_id: ${name}\n        client_secret: ${secret}\n`;
  const base = `allow_plaintext_secrets: true\ntokens:\n  t:\n    grant: client_credentials\n    issuer: https://a.example\n    client_id: base\n    client_secret: hunter2\nenvironments:\n`;
  const warnings = (err: string) => err.split('\n').filter((line) => line.startsWith('warning: '));

  it('is a warning of every validation, in one order', async () => {
    const text = `${base}${own('dev', 'hunter3')}${own('prod', 'hunter3')}`;
    const said =
      'warning: sonde.yaml:13:24: tokens.t.client_secret in dev is the same as in prod (sonde.yaml:18:24); expected one for each';
    for (const options of [{}, { env: 'dev' }, { env: 'prod' }, { env: 'all' }])
      expect(warnings((await run(text, options)).err)).toEqual([said]);
  });

  it('counts the configuration without an environment where there is but one', async () => {
    expect(warnings((await run(`${base}${own('prod', 'hunter2')}`)).err)).toEqual([
      'warning: sonde.yaml:7:20: tokens.t.client_secret without an environment is the same as in prod (sonde.yaml:13:24); expected one for each',
    ]);
    expect(warnings((await run(`${base}${own('dev', 'hunter2')}${own('prod', 'hunter3')}`)).err)).toEqual([]);
  });

  it('is not looked for in an environment that does not load', async () => {
    const broken = '  broken:\n    tokens:\n      t:\n        grant: none\n';
    expect((await run(`${base}${own('prod', 'hunter3')}${broken}`)).code).toBe(0);
  });
});

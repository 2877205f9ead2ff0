import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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
});

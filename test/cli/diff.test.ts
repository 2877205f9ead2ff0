import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diff } from '../../src/cli/diff.ts';
import { createFolder } from '../support/load-text.ts';
import { createRecordedOutput } from '../support/recorded-output.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

const text = `
tokens:
  t:
    grant: client_credentials
    issuer: https://dev.example
    client_id: a
    client_secret: \${env:DEV}
    parameters:
      note: "two\\nlines"
      pin: \${env:CODE}
environments:
  dev: {}
  prod:
    tokens:
      t:
        issuer: https://prod.example
        client_secret: \${env:PROD}
        timeout: 5s
        parameters:
          note: " x"
  swapped:
    tokens:
      t:
        client_secret: \${env:SAME}
  lost:
    tokens:
      t:
        client_secret: \${env:UNSET}
  wrong:
    tokens:
      t:
        grant: none
`;

async function run(names: readonly [string, string], options = {}) {
  const folder = await createFolder({ 'sonde.yaml': text });
  const output = createRecordedOutput();
  const system = createVirtualSystem();
  const variables = { DEV: 'hunter2', SAME: 'hunter2', PROD: 'hunter3', CODE: 'hunter4' };
  for (const [name, value] of Object.entries(variables)) system.environmentVariables.set(name, value);
  const code = await diff(system, output, names, [join(folder, 'sonde.yaml')], options);
  return { code, out: output.outText(), err: output.errText().replaceAll(`${folder}/`, '') };
}

describe('sonde diff', () => {
  it('tells value by value what differs, each on a line, secrets by fingerprints', async () => {
    const { code, out, err } = await run(['dev', 'prod']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.replace(/secret [0-9a-f]{8}\]/g, 'secret ~]')).toBe(`tokens.t.issuer
  dev   https://dev.example
  prod  https://prod.example
tokens.t.client_secret
  dev   [secret ~] \${env:DEV}
  prod  [secret ~] \${env:PROD}
tokens.t.parameters.note
  dev   "two\\nlines"
  prod  " x"
tokens.t.timeout
  dev   (not there)
  prod  5s
`);
    const [dev, prod] = [...out.matchAll(/secret ([0-9a-f]{8})/g)].map(([, fingerprint]) => fingerprint);
    expect(dev).not.toBe(prod);
    expect(out).not.toContain('hunter');
  });

  it('shows by the fingerprint that two references bring one secret', async () => {
    const { out } = await run(['dev', 'swapped']);
    const [dev, swapped] = [...out.matchAll(/secret ([0-9a-f]{8})/g)].map(([, fingerprint]) => fingerprint);
    expect(dev).toBe(swapped);
    expect(out).toContain(`\${env:SAME}`);
  });

  it('shows a reference without a value as such', async () => {
    expect((await run(['dev', 'lost'])).out).toContain(`  lost  \${env:UNSET} (is not set)\n`);
  });

  it('takes - for no environment, and says when nothing differs', async () => {
    expect(await run(['-', 'dev'])).toEqual({ code: 0, out: '- and dev do not differ\n', err: '' });
  });

  it('prints JSON for machines', async () => {
    const { out } = await run(['lost', 'prod'], { json: true });
    expect(JSON.parse(out)).toEqual([
      { path: 'tokens.t.issuer', from: { value: 'https://dev.example' }, to: { value: 'https://prod.example' } },
      {
        path: 'tokens.t.client_secret',
        from: { reference: `\${env:UNSET}`, problem: 'is not set' },
        to: { reference: `\${env:PROD}`, secret: expect.stringMatching(/^[0-9a-f]{8}$/) },
      },
      { path: 'tokens.t.parameters.note', from: { value: 'two\nlines' }, to: { value: ' x' } },
      { path: 'tokens.t.timeout', from: null, to: { value: '5s' } },
    ]);
  });

  it('says of which of the two it is that something is wrong', async () => {
    const { code, out, err } = await run(['wrong', 'nowhere']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toBe(
      `wrong: sonde.yaml:32:16: tokens.t.grant is "none"; expected one of client_credentials, refresh_token, authorization_code, jwt_bearer, device_code, static
nowhere: sonde.yaml:11:1: there is no environment "nowhere"; expected one of dev, prod, swapped, lost, wrong
`,
    );
  });
});

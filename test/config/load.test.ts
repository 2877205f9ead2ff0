import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../src/config/load.ts';
import type { System } from '../../src/system/system.ts';
import { createFolder, loadFromMemory, loadText, showProblems } from '../support/load-text.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

const wellFormed = 'checks:\n  api:\n    http: https://api.example.com\n';

async function problemsOf(folder: string, paths: readonly string[]) {
  const loaded = await loadConfiguration(createVirtualSystem(), paths, { unresolved: 'error' });
  return loaded.ok ? [] : showProblems(loaded.problems, folder);
}

describe('files and folders', () => {
  it('of a folder are those that end in yaml or yml, lie in it directly, and do not begin with a dot', async () => {
    const folder = await createFolder({
      'a.yaml': wellFormed,
      'b.yml': 'budgets: {}',
      '.hidden.yaml': '[',
      'c.txt': '[',
      'inner/d.yaml': '[',
      'folder.yaml/e.yaml': '[',
    });
    expect(await problemsOf(folder, [folder])).toEqual([]);
  });

  it('are read once, however often and in whatever way they are named', async () => {
    const folder = await createFolder({ 'a.yaml': wellFormed });
    expect(await problemsOf(folder, [folder, join(folder, 'a.yaml'), `${folder}/./a.yaml`])).toEqual([]);
  });

  it('are followed through the links of a ConfigMap mount', async () => {
    const folder = await createFolder({ '..2026/a.yaml': wellFormed });
    await symlink('..2026', join(folder, '..data'));
    await symlink('..data/a.yaml', join(folder, 'a.yaml'));
    expect(await problemsOf(folder, [folder])).toEqual([]);
  });

  it('may come without an end of line, with a mark of byte order, and with the ends of lines of Windows', async () => {
    expect((await loadText(`\ufeff${wellFormed.replaceAll('\n', '\r\n')}`)).problems).toEqual([]);
    expect((await loadText(`\ufeffchecks:\r\n  a: 1`)).problems).toEqual([
      'sonde.yaml:2:6: checks.a is 1; expected a mapping with a kind of probe: http, ntp',
    ]);
  });

  it('that cannot be read are told, together with what is wrong in the others', async () => {
    const folder = await createFolder({ 'a.yaml': 'x: 1', 'large.yaml': '#'.repeat(1_048_577), 'empty/x.txt': '' });
    await symlink('nowhere', join(folder, 'broken.yaml'));
    expect(
      await problemsOf(folder, [folder, join(folder, 'no.yaml'), join(folder, 'empty'), join(folder, 'a.yaml/b')]),
    ).toEqual([
      'a.yaml:1:1: "x" is not a key of a configuration; expected one of server, state_dir, state_encryption, shutdown_grace, keep_runs, defaults, budgets, clock, metrics, vault, allow_plaintext_secrets, tokens, checks, environments',
      'a.yaml/b: is not there: a part of its path is no folder; expected a YAML file or a folder of them',
      'broken.yaml: is not there; expected a YAML file',
      'empty: is a folder without configuration; expected *.yaml or *.yml files in it',
      'large.yaml: is larger than 1 MiB; expected a smaller file: split it',
      'no.yaml: is not there; expected a YAML file or a folder of them',
    ]);
  });

  it('may be as large when their size shows only once they are read', async () => {
    const folder = await createFolder({ 'a.yaml': '#'.repeat(1_048_577) });
    const { files, ...others } = createVirtualSystem();
    const system: System = {
      ...others,
      files: { ...files, stat: async () => ({ isFolder: false, isFile: true, size: 0, mode: 0o600 }) },
    };
    const loaded = await loadConfiguration(system, [join(folder, 'a.yaml')], { unresolved: 'error' });
    expect(loaded).toMatchObject({
      problems: [{ message: 'is larger than 1 MiB; expected a smaller file: split it' }],
    });
  });

  it('have to be named', async () => {
    expect(await problemsOf('', [])).toEqual(['no configuration was named; expected files or folders']);
  });

  it('of which none is left leave nothing to do', async () => {
    const folder = await createFolder({ 'a.yaml/b.txt': '' });
    expect(await problemsOf(folder, [folder])).toEqual(['there is nothing to do; expected checks or tokens']);
  });
});

describe('hasChanged', () => {
  const text = 'checks:\n  api:\n    http:\n      url: https://api.example.com\n      headers:\n        key: ';

  async function watch(content: string, options: { readonly ok: boolean }) {
    const folder = await createFolder({ 'sonde.yaml': content, secret: 'first-secret' });
    await writeFile(join(folder, 'sonde.yaml'), content.replace('FOLDER', folder));
    const system = createVirtualSystem();
    const loaded = await loadConfiguration(system, [folder], { unresolved: 'error' });
    expect(loaded.ok).toBe(options.ok);
    return { folder, system, loaded };
  }

  it('says no as long as nothing changes', async () => {
    const { loaded } = await watch(`${text}\${file:FOLDER/secret}`, { ok: true });
    expect(await loaded.hasChanged()).toBe(false);
  });

  it('says yes when a file changes, comes or goes', async () => {
    const { folder, loaded } = await watch(wellFormed, { ok: true });
    await writeFile(join(folder, 'more.yaml'), '');
    expect(await loaded.hasChanged()).toBe(true);
    await rename(join(folder, 'more.yaml'), join(folder, 'more.txt'));
    expect(await loaded.hasChanged()).toBe(false);
    await writeFile(join(folder, 'sonde.yaml'), `${wellFormed}\n`);
    expect(await loaded.hasChanged()).toBe(true);
    await rename(join(folder, 'sonde.yaml'), join(folder, 'gone'));
    expect(await loaded.hasChanged()).toBe(true);
  });

  it('says yes when the value of a reference changes', async () => {
    const { folder, loaded } = await watch(`${text}\${file:FOLDER/secret}`, { ok: true });
    await writeFile(join(folder, 'secret'), 'other-secret');
    expect(await loaded.hasChanged()).toBe(true);
  });

  it('says no of references in whatever order they stand', async () => {
    const sections = {
      vault: `vault:\n  address: http://127.0.0.1:1\n  auth:\n    token: \${env:VAULT_TOKEN}\n`,
      checks: `${text}\${env:KEY}\n        other: \${vault:secret/a#b}\n        third: \${env:THIRD}\n`,
    };
    const variables = { VAULT_TOKEN: 'hvs.x-token', KEY: 'abcdef', THIRD: 'ghijkl' };
    for (const order of [`${sections.vault}${sections.checks}`, `${sections.checks}${sections.vault}`]) {
      const { loaded } = await loadText(order, { variables });
      expect(loaded.ok).toBe(true);
      expect(await loaded.hasChanged()).toBe(false);
    }
  });

  it('says yes of a refused configuration when what it lacked is there', async () => {
    const { system, loaded } = await watch(`${text}\${env:KEY}`, { ok: false });
    expect(await loaded.hasChanged()).toBe(false);
    system.environmentVariables.set('KEY', 'abcdef');
    expect(await loaded.hasChanged()).toBe(true);
  });

  it('sees the swap of a ConfigMap', async () => {
    const folder = await createFolder({ '..1/a.yaml': wellFormed });
    await symlink('..1', join(folder, '..data'));
    await symlink('..data/a.yaml', join(folder, 'a.yaml'));
    const loaded = await loadConfiguration(createVirtualSystem(), [folder], { unresolved: 'error' });
    await mkdir(join(folder, '..2'));
    await writeFile(join(folder, '..2/a.yaml'), wellFormed.replace('api', 'changed'));
    await symlink('..2', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    expect(await loaded.hasChanged()).toBe(true);
  });
});

describe('loadConfiguration', () => {
  const words = fc.constantFrom(
    ...['checks', 'tokens', 'budgets', 'environments', 'http', 'assert', 'every', 'cron', 'grant', 'static', 'value'],
    ...[
      'a',
      '{',
      '}',
      '[',
      ']',
      ':',
      ': ',
      '- ',
      '\n',
      '\n  ',
      '\n    ',
      ' ',
      '"',
      "'",
      '&a ',
      '*a',
      '!t ',
      '# ',
      '|\n',
      '> ',
    ],
    ...[
      `\${env:HOME}`,
      `$\${`,
      `\${`,
      '5',
      '1.10',
      '.inf',
      'null',
      'true',
      '200',
      '5s',
      'https://a.example',
      '<<',
      '__proto__',
      '%',
    ],
    ...['? ', '\t', '\r', '\u0002', '\ufeff', '---\n', '...\n', '0 0 * * *', '\u0000', '\ud800'],
  );
  const yaml = fc.oneof(
    fc.array(words, { maxLength: 60 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }),
  );
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, 5, true, 'x', '', '5s', '1/s', 'https://a.example', 'static', `\${env:X}`, `\${`),
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('value'), { maxLength: 3 }),
    map: fc.dictionary(
      fc.constantFrom(
        ...[
          'checks',
          'tokens',
          'budgets',
          'defaults',
          'clock',
          'server',
          'environments',
          'a',
          'b c',
          'http',
          'url',
          'headers',
          'query',
          'body',
          'assert',
          'status',
          'json',
          'every',
          'cron',
          'timezone',
          'labels',
          'token',
          'budget',
          'grant',
          'issuer',
          'value',
          'private_key',
          'client_key',
          'dpop',
          'key',
          'assertion',
          'claims',
          'login',
          'resource',
          'export',
          'mode',
          'needs_scopes',
          'state_encryption',
          'vault',
          'auth',
          'metrics',
          'allow_plaintext_secrets',
          'refresh',
          'send_to',
          'rate',
          'burst',
        ],
      ),
      tie('value'),
      { maxKeys: 6 },
    ),
  })).map;

  const neverThrows = async (text: string) => {
    const loaded = await loadFromMemory(text, 'error');
    if (loaded.ok) return;
    expect(loaded.problems.length).toBeGreaterThan(0);
    const lines = text.split('\n');
    for (const { line = 0, column = 0 } of loaded.problems) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines.length);
      expect(column).toBeGreaterThanOrEqual(1);
      expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
    }
  };

  it('never throws, and each problem has a place in the file, whatever text it is given', async () => {
    await fc.assert(fc.asyncProperty(yaml, neverThrows), { numRuns: 500 });
  });

  it('never throws, and each problem has a place in the file, whatever stands under its keys', async () => {
    await fc.assert(
      fc.asyncProperty(tree, (value) => neverThrows(JSON.stringify(value, null, 1))),
      { numRuns: 500 },
    );
  });
});

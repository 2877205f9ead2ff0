import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { diff } from '../../src/cli/diff.ts';
import type { Output } from '../../src/cli/output.ts';
import { validate } from '../../src/cli/validate.ts';
import { checkSchema } from '../../src/config/check-schema.ts';
import { sections } from '../../src/config/environment.ts';
import { budgetSchema, clockSchema, defaultsSchema, metricsSchema, serverSchema } from '../../src/config/sections.ts';
import { stateEncryptionSchema } from '../../src/config/state-encryption.ts';
import { tokenSchema } from '../../src/config/tokens/token-schema.ts';
import { vaultSchema } from '../../src/config/vault.ts';
import { probeKinds } from '../../src/probes/index.ts';
import type { System } from '../../src/system/system.ts';
import { createFolder } from '../support/load-text.ts';
import { createRecordedOutput } from '../support/recorded-output.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';
import { readPage } from './markdown.ts';

const root = join(import.meta.dirname, '../..');

/** The keys that the tables of a page begin their rows with: `refresh` for `refresh.every` too. */
async function keysOn(page: string): Promise<ReadonlySet<string>> {
  const { rows } = readPage(await readFile(join(root, page), 'utf8'));
  const names = rows.flatMap(([first = '']) => [...first.matchAll(/`([a-z_]+)[`.]/g)].map(([, name = '']) => name));
  return new Set(names);
}

const keysOf = (schema: z.ZodObject) => Object.keys(schema.shape);

describe('docs/configuration.md', () => {
  it('has a row for each section and each key in them', async () => {
    const found = await keysOn('docs/configuration.md');
    const settings = [serverSchema, defaultsSchema, clockSchema, budgetSchema, metricsSchema, stateEncryptionSchema];
    const known = [...settings, vaultSchema, checkSchema].flatMap(keysOf);
    const kinds = probeKinds.map(({ kind }) => kind);
    expect([...sections, 'environments', ...known, ...kinds].filter((key) => !found.has(key))).toEqual([]);
  });
});

describe('docs/tokens.md', () => {
  it('has a row for each key of a token', async () => {
    const found = await keysOn('docs/tokens.md');
    expect(keysOf(tokenSchema).filter((key) => !found.has(key))).toEqual([]);
  });

  it('names each grant and each way to authenticate', async () => {
    const found = await keysOn('docs/tokens.md');
    const { grant, client_auth } = tokenSchema.shape;
    expect([...grant.options, ...client_auth.unwrap().options].filter((name) => !found.has(name))).toEqual([]);
  });
});

describe('docs/environments.md', () => {
  const variables = { CLAUDE_CLIENT_ID: 'dev-client', CLAUDE_CLIENT_SECRET: 'hunter2' };

  /** What a command says of the page's own configuration, and the page's blocks. */
  async function onPage(command: (system: System, output: Output, file: string) => Promise<unknown>) {
    const { blocks } = readPage(await readFile(join(root, 'docs/environments.md'), 'utf8'));
    const [first] = blocks.filter(({ info }) => info === 'yaml');
    const folder = await createFolder({ 'sonde.yaml': first?.text ?? '', secret: 'hunter3' });
    const { files, ...others } = createVirtualSystem();
    const inFolder = (path: string) => path.replace('/run/secrets/claude-client-secret', join(folder, 'secret'));
    const system: System = {
      ...others,
      files: {
        ...files,
        stat: (path) => files.stat(inFolder(path)),
        readText: (path) => files.readText(inFolder(path)),
      },
      environment: (name) => new Map(Object.entries(variables)).get(name),
    };
    const output = createRecordedOutput();
    await command(system, output, join(folder, 'sonde.yaml'));
    const shown = blocks.map(({ text }) => text.trim());
    return { out: output.outText(), err: output.errText().replaceAll(`${folder}/`, ''), shown };
  }

  it('shows what sonde diff prints, but for the fingerprints', async () => {
    const { out, shown } = await onPage((system, output, file) => diff(system, output, ['dev', 'prod'], [file]));
    const plain = (text: string) => text.trim().replace(/secret [0-9a-f]{8}/g, 'secret');
    expect(shown.map(plain)).toContain(plain(out));
  });

  it('shows what sonde validate prints and warns of', async () => {
    const options = { env: 'prod', print: true };
    const { out, err, shown } = await onPage((system, output, file) => validate(system, output, [file], options));
    expect(shown.some((text) => text.startsWith('tokens:') && out.startsWith(text))).toBe(true);
    expect(shown).toContain(err.trim());
  });
});

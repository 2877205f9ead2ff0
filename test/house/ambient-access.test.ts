import { glob, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { findAmbientAccess } from './ambient-access.ts';

describe('findAmbientAccess', () => {
  it.each([
    ['const a = Date.now();', 'Date.now'],
    ['const a = globalThis.Date.now();', 'Date.now'],
    ['const f = Date.now;', 'Date.now'],
    ['const a = new Date();', 'new Date()'],
    ['const a = new Date;', 'new Date()'],
    ['const a = Date();', 'Date()'],
    ['const a = Math\n  .random();', 'Math.random'],
    ['setTimeout(run, 5);', 'setTimeout'],
    ['const { clock = setInterval } = ports;', 'setInterval'],
    ['globalThis.setTimeout(run, 5);', 'setTimeout'],
    ['const ports = { setTimeout };', 'setTimeout'],
    ['const ports = { timer: setTimeout };', 'setTimeout'],
    ['const timer = setTimeout;', 'setTimeout'],
    ['const a = performance.now();', 'performance'],
    ['const a = process.env.HOME;', 'process.env'],
    ["const a = process?.env['HOME'];", 'process.env'],
    ['const { HOME } = process.env;', 'process.env'],
    ['await fetch(url);', 'fetch'],
    ['const id = crypto.randomUUID();', 'crypto'],
    ['const signal = AbortSignal.timeout(5);', 'AbortSignal.timeout'],
    ["import { createHash, randomUUID as id } from 'node:crypto';", 'randomUUID'],
    ["import * as all from 'node:crypto';", 'all of crypto'],
  ])('finds what stands in %j', (text, access) => {
    expect(findAmbientAccess(text)).toEqual([`1: ${access}`]);
  });

  it.each([
    'const a = new Date(ms).toISOString();',
    'const a = Date.parse(text);',
    'const a = Math.max(1, 2);',
    '// setTimeout(run, 5) would read the ambient clock',
    "const text = 'Date.now()';",
    'const handle: NodeJS.Timeout = clock.after(5, run);',
    'const fetch = door.fetch; fetch(url);',
    'const { fetch } = door; fetch(url);',
    'function ask(fetch: Door) { return fetch(url); }',
    'type Ask = typeof fetch;',
    'client.fetch(request);',
    'const options = { fetch: send, [customFetch]: send };',
    'interface Door { fetch(url: URL): void; readonly performance: number }',
    "import { createHash } from 'node:crypto';",
    "process.on('SIGTERM', stop);",
  ])('leaves %j alone', (text) => {
    expect(findAmbientAccess(text)).toEqual([]);
  });
});

describe('the rooms without a door', () => {
  it('take time, randomness, environment and network from those who have one', async () => {
    const found: string[] = [];
    for await (const file of glob('src/**/*.ts')) {
      if (file.startsWith('src/system/')) continue;
      const accesses = findAmbientAccess(await readFile(file, 'utf8'));
      found.push(...accesses.map((access) => `${file}:${access}`));
    }
    expect(found).toEqual([]);
  });
});

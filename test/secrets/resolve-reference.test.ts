import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveReference } from '../../src/secrets/resolve-reference.ts';
import { createFolder } from '../support/load-text.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

describe('resolveReference', () => {
  it('reads environment variables', async () => {
    const system = createVirtualSystem();
    system.environmentVariables.set('SET', ' value\n');
    system.environmentVariables.set('EMPTY', '');
    const read = (name: string) => resolveReference(system, { scheme: 'env', name, text: '' });
    expect(await read('SET')).toEqual({ value: ' value\n' });
    expect(await read('EMPTY')).toEqual({ problem: 'is set, but empty' });
    expect(await read('UNSET')).toEqual({ problem: 'is not set' });
  });

  it('reads files, without one line break at the end', async () => {
    const folder = await createFolder({
      one: 'value\n',
      windows: 'value\r\n',
      two: 'value\n\n',
      none: 'value',
      empty: '\n',
      large: 'x'.repeat(1_048_577),
    });
    await mkdir(join(folder, 'folder'));
    await writeFile(join(folder, 'binary'), Buffer.from([0x61, 0xff, 0xfe, 0x62]));
    await writeFile(join(folder, 'replaced'), 'a\ufffdb');
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'pipe')]);
    await symlink('pipe', join(folder, 'link'));
    const read = (name: string) =>
      resolveReference(createVirtualSystem(), { scheme: 'file', name: join(folder, name), text: '' });
    expect(await read('one')).toEqual({ value: 'value' });
    expect(await read('windows')).toEqual({ value: 'value' });
    expect(await read('two')).toEqual({ value: 'value\n' });
    expect(await read('none')).toEqual({ value: 'value' });
    expect(await read('empty')).toEqual({ problem: 'is empty' });
    expect(await read('large')).toEqual({ problem: 'is larger than 1 MiB' });
    expect(await read('folder')).toEqual({ problem: 'is a folder, not a file' });
    expect(await read('binary')).toEqual({ problem: 'is not text in UTF-8' });
    expect(await read('replaced')).toEqual({ value: 'a\ufffdb' });
    expect(await read('pipe')).toEqual({ problem: 'is no regular file' });
    expect(await read('link')).toEqual({ problem: 'is no regular file' });
    expect(await read('missing')).toEqual({ problem: 'is not there' });
    expect(await read('one/x')).toEqual({ problem: 'is not there: a part of its path is no folder' });
    expect(await read('\0')).toEqual({ problem: 'cannot be read (ERR_INVALID_ARG_VALUE)' });
  });
});

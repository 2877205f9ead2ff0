import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFreshFile } from '../../src/net/fresh-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

describe('a fresh file', () => {
  it('is read again when five seconds have passed, and not before', async () => {
    const system = createVirtualSystem();
    const path = join(await temporaryFolder(), 'hosts');
    await writeFile(path, 'one');
    const read = createFreshFile(system, path, (text) => ({ text }));
    const first = await read();
    expect(first.text).toBe('one');

    await writeFile(path, 'two');
    await system.clock.advance(4999);
    expect(await read()).toBe(first);
    await system.clock.advance(1);
    expect((await read()).text).toBe('two');
  });

  it('stays the same object while its text does', async () => {
    const system = createVirtualSystem();
    const path = join(await temporaryFolder(), 'hosts');
    await writeFile(path, 'one');
    const read = createFreshFile(system, path, (text) => ({ text }));
    const first = await read();
    await system.clock.advance(10_000);
    expect(await read()).toBe(first);
  });

  it('counts as empty when it was never there, and as it last was when it has gone', async () => {
    const system = createVirtualSystem();
    const path = join(await temporaryFolder(), 'hosts');
    const read = createFreshFile(system, path, (text) => text);
    expect(await read()).toBe('');
    await writeFile(path, 'one');
    await system.clock.advance(5000);
    expect(await read()).toBe('one');
    await rm(path);
    await system.clock.advance(5000);
    expect(await read()).toBe('one');
  });
});

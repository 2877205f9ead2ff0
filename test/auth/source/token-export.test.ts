import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTokenExport } from '../../../src/auth/source/token-export.ts';
import { Secret } from '../../../src/model/secret.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { createVirtualSystem, settle } from '../../support/virtual-system.ts';

/** Files whose writes end when the test says so. */
function slowFiles() {
  const { clock, files } = createVirtualSystem();
  const writes: { text: string; end: PromiseWithResolvers<void> }[] = [];
  const replace = (_path: string, text: string) => {
    const end = Promise.withResolvers<void>();
    writes.push({ text, end });
    return end.promise;
  };
  return { clock, writes, system: { clock, files: { ...files, replace } } };
}

describe('the export of a token, onto a scripted disk', () => {
  it('is tried again until it succeeds', async () => {
    const { clock, writes, system } = slowFiles();
    const warnings: string[] = [];
    const exported = createTokenExport(system, { file: '/run/token', mode: 0o600 }, (sentence) =>
      warnings.push(sentence),
    );
    const written = exported.write(new Secret('at1'));
    await settle();
    writes[0]?.end.reject(new Error('no space'));
    await written;
    await clock.advance(10_000);
    writes[1]?.end.reject(new Error('no space'));
    await clock.advance(10_000);
    writes[2]?.end.resolve();
    await clock.advance(60_000);
    expect(writes.map(({ text }) => text)).toEqual(['at1', 'at1', 'at1']);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).not.toContain('at1');
  });

  it('tries an older token no more once there is a newer one', async () => {
    const { clock, writes, system } = slowFiles();
    const exported = createTokenExport(system, { file: '/run/token', mode: 0o600 }, () => {});
    const written = exported.write(new Secret('at1'));
    await settle();
    writes[0]?.end.reject(new Error('no space'));
    await written;
    void exported.write(new Secret('at2'));
    await settle();
    writes[1]?.end.resolve();
    await clock.advance(60_000);
    expect(writes.map(({ text }) => text)).toEqual(['at1', 'at2']);
  });

  it('is not begun anew by a try that ends after the stop', async () => {
    const { clock, writes, system } = slowFiles();
    const exported = createTokenExport(system, { file: '/run/token', mode: 0o600 }, () => {});
    void exported.write(new Secret('at1'));
    await settle();
    exported.stop();
    writes[0]?.end.reject(new Error('no space'));
    await settle();
    expect(clock.pending()).toBe(0);
  });
});

describe('an exported token that is revoked', () => {
  const fileIn = async () => ({ file: join(await temporaryFolder(), 'token'), mode: 0o640 });

  it('is removed, and whether there was one does not matter', async () => {
    const where = await fileIn();
    const warnings: string[] = [];
    const exported = createTokenExport(createVirtualSystem(), where, (sentence) => warnings.push(sentence));
    await exported.write(new Secret('at1'));
    expect((await stat(where.file)).mode & 0o777).toBe(0o640);
    await exported.clear();
    await expect(stat(where.file)).rejects.toThrow('ENOENT');
    await exported.clear();
    expect(warnings).toEqual([]);
  });

  it('is tried again to be removed, as long as no other token takes its place', async () => {
    const where = await fileIn();
    const system = createVirtualSystem();
    const warnings: string[] = [];
    await mkdir(join(where.file, 'in the way'), { recursive: true });
    const exported = createTokenExport(system, where, (sentence) => warnings.push(sentence));
    await exported.clear();
    expect(warnings).toEqual([expect.stringContaining(`${where.file} cannot be removed`)]);
    await rm(where.file, { recursive: true });
    await exported.write(new Secret('at2'));
    expect(system.clock.pending()).toBe(0);
    expect(await readFile(where.file, 'utf8')).toBe('at2');
  });

  it('is not brought back by a write that fails late (onto a scripted disk)', async () => {
    const { clock, writes, system } = slowFiles();
    const exported = createTokenExport(system, { file: '/nowhere/token', mode: 0o600 }, () => {});
    const written = exported.write(new Secret('at1'));
    await settle();
    const cleared = exported.clear();
    writes[0]?.end.reject(new Error('no space'));
    await Promise.all([written, cleared]);
    await clock.advance(60_000);
    expect(writes).toHaveLength(1);
  });
});

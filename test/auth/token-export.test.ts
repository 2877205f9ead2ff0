import { describe, expect, it } from 'vitest';
import { createTokenExport } from '../../src/auth/token-export.ts';
import { Secret } from '../../src/model/secret.ts';
import { createVirtualSystem, settle } from '../support/virtual-system.ts';

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
    const exported = createTokenExport(system, '/run/token', (sentence) => warnings.push(sentence));
    const written = exported.write(new Secret('at1'));
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
    const exported = createTokenExport(system, '/run/token', () => {});
    const written = exported.write(new Secret('at1'));
    writes[0]?.end.reject(new Error('no space'));
    await written;
    void exported.write(new Secret('at2'));
    writes[1]?.end.resolve();
    await clock.advance(60_000);
    expect(writes.map(({ text }) => text)).toEqual(['at1', 'at2']);
  });

  it('is not begun anew by a try that ends after the stop', async () => {
    const { clock, writes, system } = slowFiles();
    const exported = createTokenExport(system, '/run/token', () => {});
    void exported.write(new Secret('at1'));
    exported.stop();
    writes[0]?.end.reject(new Error('no space'));
    await settle();
    expect(clock.pending()).toBe(0);
  });
});

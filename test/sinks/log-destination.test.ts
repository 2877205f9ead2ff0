import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createLogDestination } from '../../src/sinks/log-destination.ts';
import { createVirtualClock } from '../support/virtual-system.ts';

const sinkPath = join(import.meta.dirname, '../../src/sinks/log-destination.ts');
const clockPath = join(import.meta.dirname, '../../src/system/clock.ts');
const fromParent = `new Promise((resolve) => process.stdin.once('data', resolve))`;

/** A process of its own whose standard output is a destination; it tells what came of it on standard error. */
function startWriter(script: string, stdout: 'pipe' | number = 'pipe') {
  const source = `
    import { createLogDestination } from ${JSON.stringify(sinkPath)};
    import { createClock } from ${JSON.stringify(clockPath)};
    const destination = createLogDestination(process.stdout, createClock());
    ${script}
    process.exit(0);`;
  const options = ['--expose-gc', '--input-type=module', '--eval', source];
  return spawn(process.execPath, options, { stdio: ['pipe', stdout, 'pipe'] });
}

/** A guard only: a process of its own takes its time on a busy machine. */
const patienceMs = 30_000;

describe('a log destination', { timeout: patienceMs }, () => {
  it('writes lines in their order, and all of them before it is closed', async () => {
    const writer = startWriter(`
      for (let n = 0; n < 3_000; n++) destination.write('line ' + n + ' ' + 'x'.repeat(100) + '\\n');
      await destination.close();
    `);
    const lines = (await text(writer.stdout as NonNullable<typeof writer.stdout>)).split('\n');
    expect(lines).toHaveLength(3_001);
    expect(lines.every((line, n) => line === '' || line.startsWith(`line ${n} `))).toBe(true);
  });

  it('lets the process live when the reader goes away', async () => {
    const writer = startWriter(`
      destination.write('first\\n');
      await ${fromParent};
      for (let n = 0; n < 20; n++) {
        destination.write('nobody reads this\\n');
        await new Promise(setImmediate);
      }
      await destination.close();
      console.error('alive');
    `);
    await once(writer.stdout as NonNullable<typeof writer.stdout>, 'data');
    writer.stdout?.destroy();
    writer.stdin?.write('go');
    expect(await text(writer.stderr as NonNullable<typeof writer.stderr>)).toBe('alive\n');
  });

  it('drops lines, neither blocks nor grows, and lets the process exit when the reader does not read', async () => {
    const writer = startWriter(`
      for (let n = 0; n < 2_000; n++) destination.write(Buffer.alloc(65_536, String(n)).toString() + '\\n');
      globalThis.gc();
      console.error(process.memoryUsage().heapUsed < 64e6 ? 'bounded' : 'grown');
      await destination.close();
    `);
    const exited = once(writer, 'exit');
    expect(await text(writer.stderr as NonNullable<typeof writer.stderr>)).toBe('bounded\n');
    expect(await exited).toEqual([0, null]);
  });

  it('waits a second for a reader when it is closed, and no longer', async () => {
    const clock = createVirtualClock();
    const held: (() => void)[] = [];
    const stream = new Writable({ write: (_chunk, _encoding, done) => void held.push(done) });
    const destination = createLogDestination(stream, clock);
    await destination.close();
    destination.write('read late\n');
    const closed = destination.close();
    held.shift()?.();
    await closed;
    expect(clock.pending()).toBe(0);
    destination.write('never read\n');
    const gaveUp = destination.close();
    await clock.advance(1_000);
    await gaveUp;
  });

  it('drops lines beyond four megabytes that wait', () => {
    const stream = new Writable({ write() {} });
    const destination = createLogDestination(stream, createVirtualClock());
    for (let n = 0; n < 10; n++) destination.write('x'.repeat(1024 * 1024));
    expect(stream.writableLength).toBe(5 * 1024 * 1024);
  });

  it('lets the process live when the disk is full', async () => {
    const writer = startWriter(
      `
      for (let n = 0; n < 3; n++) {
        destination.write('no room\\n');
        await new Promise(setImmediate);
      }
      await destination.close();
      console.error('alive');
    `,
      openSync('/dev/full', 'w'),
    );
    expect(await text(writer.stderr as NonNullable<typeof writer.stderr>)).toBe('alive\n');
  });
});

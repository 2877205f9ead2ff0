import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createLogDestination } from '../../src/sinks/log-destination.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const modulePath = join(import.meta.dirname, '../../src/sinks/log-destination.ts');

/** A process of its own that writes to its standard output through a destination. */
function startWriter(script: string) {
  const source = `import { createLogDestination } from ${JSON.stringify(modulePath)};
    const destination = createLogDestination(1);
    ${script}`;
  return spawn(process.execPath, ['--expose-gc', '--input-type=module', '--eval', source], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** A guard only: a process of its own takes its time on a busy machine. */
const patienceMs = 30_000;

describe('a log destination', { timeout: patienceMs }, () => {
  it('writes lines in their order, and all of them before it is closed', async () => {
    const path = join(await temporaryFolder(), 'log');
    const destination = createLogDestination(openSync(path, 'w'));
    const lines = Array.from({ length: 500 }, (_, index) => `line ${index}\n`);
    for (const line of lines) destination.write(line);
    await destination.close();
    destination.write('too late\n');
    await destination.close();
    expect(await readFile(path, 'utf8')).toBe(lines.join(''));
  });

  it('lets the process live, and close, when the reader goes away', async () => {
    const writer = startWriter(`
      destination.write('first\\n');
      process.stdin.once('data', async () => {
        for (let n = 0; n < 20; n++) {
          destination.write('nobody reads this\\n');
          await new Promise(setImmediate);
        }
        await destination.close();
        destination.write('after\\n');
        console.error('alive');
        process.exit(0);
      });
    `);
    await once(writer.stdout, 'data');
    writer.stdout.destroy();
    writer.stdin.write('go');
    const said = await text(writer.stderr);
    expect(said).toBe('alive\n');
    expect(writer.exitCode ?? (await once(writer, 'exit'))[0]).toBe(0);
  });

  it('drops lines, and neither blocks nor grows, when the reader does not read', async () => {
    const writer = startWriter(`
      for (let n = 0; n < 2_000; n++) destination.write(Buffer.alloc(65_536, String(n)).toString() + '\\n');
      globalThis.gc();
      console.error(process.memoryUsage().heapUsed < 64e6 ? 'bounded' : 'grown');
      process.kill(process.pid, 'SIGKILL');
    `);
    expect(await text(writer.stderr)).toBe('bounded\n');
  });

  it('lives through a full disk, and can be closed', async () => {
    const destination = createLogDestination(openSync('/dev/full', 'w'));
    destination.write('no room\n');
    await new Promise(setImmediate);
    destination.write('no room either\n');
    await destination.close();
  });
});

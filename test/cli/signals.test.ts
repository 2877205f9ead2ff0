import { EventEmitter } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listenForSignals } from '../../src/cli/signals.ts';
import { startSonde } from '../support/sonde-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function checkFile(): Promise<string> {
  const file = join(await temporaryFolder(), 'sonde.yaml');
  await writeFile(file, 'checks:\n  nobody:\n    http: http://127.0.0.1:1/\n');
  return file;
}

function setUp(hangUp: 'reloads' | 'stops' = 'reloads') {
  const source = new EventEmitter();
  const told: string[] = [];
  const signals = listenForSignals(source, () => told.push('end at once'), hangUp);
  return { source, told, signals };
}

describe('signals', () => {
  it('that come before anyone wants them are kept: the stop is told later, the reload is not', () => {
    const { source, told, signals } = setUp();
    source.emit('SIGHUP');
    source.emit('SIGTERM');
    signals.onReload(() => told.push('reload'));
    signals.onStop(() => told.push('stop'));
    expect(told).toEqual(['stop']);
  });

  it('end at once by the second, whichever they are', () => {
    const { source, told, signals } = setUp();
    signals.onStop(() => told.push('stop'));
    source.emit('SIGINT');
    source.emit('SIGTERM');
    expect(told).toEqual(['stop', 'end at once']);
  });

  it('never open the debugger of Node.js, through which all of the memory could be read', async () => {
    const daemon = startSonde([
      'run',
      await checkFile(),
      '--listen',
      '127.0.0.1:0',
      '--state-dir',
      await temporaryFolder(),
    ]);
    await daemon.line(/sonde \S+ runs 1 check/);
    daemon.child.kill('SIGUSR1');
    daemon.child.kill('SIGTERM');
    expect(await daemon.ended).toMatchObject({ code: 0, err: '' });
  });

  it('stop when the terminal has gone, however often they say so, and end at once by the next one', () => {
    const { source, told, signals } = setUp('stops');
    signals.onReload(() => told.push('reload'));
    signals.onStop(() => told.push('stop'));
    source.emit('SIGHUP');
    source.emit('SIGHUP');
    expect(told).toEqual(['stop']);
    source.emit('SIGINT');
    expect(told).toEqual(['stop', 'end at once']);
  });

  it('reload each time', () => {
    const { source, told, signals } = setUp();
    signals.onReload(() => told.push('reload'));
    source.emit('SIGHUP');
    source.emit('SIGHUP');
    expect(told).toEqual(['reload', 'reload']);
  });
});

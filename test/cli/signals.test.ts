import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { listenForSignals } from '../../src/cli/signals.ts';

function setUp() {
  const source = new EventEmitter();
  const told: string[] = [];
  const signals = listenForSignals(source, () => told.push('end at once'));
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

  it('reload each time', () => {
    const { source, told, signals } = setUp();
    signals.onReload(() => told.push('reload'));
    source.emit('SIGHUP');
    source.emit('SIGHUP');
    expect(told).toEqual(['reload', 'reload']);
  });
});

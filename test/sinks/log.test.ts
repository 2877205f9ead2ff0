import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import { createLog, type LogOptions, parseLogLevel } from '../../src/sinks/log.ts';

function createWatchedLog(options: Partial<LogOptions> = {}) {
  let written = '';
  const destination = {
    write(line: string) {
      written += line;
    },
    close: () => Promise.resolve(),
  };
  const wallMs = () => Date.UTC(2026, 0, 1, 12, 0, 1);
  const log = createLog({ level: 'debug', format: 'json', destination, wallMs, ...options });
  return {
    log,
    written: () => written,
    records: () =>
      written
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
  };
}

describe('a log in JSON', () => {
  it('writes one object a line: level, time by the given clock, fields and message', () => {
    const { log, records } = createWatchedLog();
    log.debug({ a: 1 }, 'first');
    log.error({}, 'second\nline');
    expect(records()).toEqual([
      { level: 'debug', time: '2026-01-01T12:00:01.000Z', a: 1, msg: 'first' },
      { level: 'error', time: '2026-01-01T12:00:01.000Z', msg: 'second\nline' },
    ]);
  });

  it.each([
    ['info', ['info', 'warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ] as const)('of level %s leaves out what is below', (level, expected) => {
    const { log, records } = createWatchedLog({ level });
    for (const at of ['debug', 'info', 'warn', 'error'] as const) log[at]({}, 'event');
    expect(records().map((record) => record.level)).toEqual(expected);
  });

  it('hides what travels under the name of a credential, two objects deep, and a Secret anywhere', () => {
    const { log, written } = createWatchedLog();
    const plain = 'hunter2';
    log.warn(
      {
        authorization: plain,
        evidence: { 'set-cookie': plain, access_token: plain },
        facts: { headers: { 'x-api-key': plain } },
        value: new Secret(plain),
      },
      'told',
    );
    expect(written()).not.toContain(plain);
    expect(JSON.parse(written()).evidence).toEqual({ 'set-cookie': '[secret]', access_token: '[secret]' });
  });

  it('does not throw for what JSON cannot say', () => {
    const { log, written } = createWatchedLog();
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    log.info({ circle, big: 1n }, 'odd');
    expect(written()).toContain('odd');
  });
});

describe('a log for a terminal', () => {
  it('writes lines for a person', () => {
    const { log, written } = createWatchedLog({ format: 'terminal' });
    log.info({ checks: 3 }, 'sonde runs');
    expect(written()).toMatch(/^\d\d:00:01 info {2}sonde runs checks=3\n$/);
  });
});

describe('parseLogLevel', () => {
  it('knows the levels and nothing else', () => {
    expect(['debug', 'info', 'warn', 'error', 'silent'].map(parseLogLevel)).toEqual([
      'debug',
      'info',
      'warn',
      'error',
      'silent',
    ]);
    expect(['', 'INFO', 'fatal', 'trace'].map(parseLogLevel)).toEqual([undefined, undefined, undefined, undefined]);
  });
});

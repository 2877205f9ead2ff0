import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTerminalFormat } from '../../src/sinks/terminal-format.ts';
import { anyText } from '../support/any-text.ts';

const plain = createTerminalFormat(false);
const time = '2026-01-01T12:00:01.000Z';
const esc = String.fromCharCode(27);
const withoutClock = (line: string) => line.replace(/^\d\d:\d\d:\d\d /, '');

describe('a line for a person', () => {
  it.each([
    ['passed', 'PASS '],
    ['failed', 'FAIL '],
    ['errored', 'ERROR'],
    ['skipped', 'SKIP '],
  ])('of a run that %s begins with %s and ends with where to look it up', (outcome, tag) => {
    const record = { level: 'warn', time, msg: 'api timeout: wait (5000 ms)', outcome, run: 'abc', phases_ms: {} };
    expect(withoutClock(plain(record))).toBe(`${tag} api timeout: wait (5000 ms) run=abc\n`);
  });

  it('of another event begins with its level and tells its fields', () => {
    const record = { level: 'warn', time, msg: 'odd', text: 'two words', n: 1, list: ['a'], bare: 'x' };
    expect(withoutClock(plain(record))).toBe('WARN  odd text="two words" n=1 list=["a"] bare=x\n');
    expect(withoutClock(plain({ level: 'notice', time, msg: 'm' }))).toBe('notice m\n');
  });

  it('of an audit line tells of its fields only why something failed, and is no failed check', () => {
    const record = { level: 'info', time, msg: 'audit: vault_login failed (vault)', audit: true, event: 'vault_login' };
    expect(withoutClock(plain({ ...record, outcome: 'done' }))).toBe('info  audit: vault_login failed (vault)\n');
    expect(withoutClock(plain({ ...record, outcome: 'failed', detail: 'it is sealed' }))).toBe(
      'info  audit: vault_login failed (vault) detail="it is sealed"\n',
    );
  });

  it('has colours when they are wanted', () => {
    const line = createTerminalFormat(true)({ level: 'error', time, msg: 'm', outcome: 'failed', run: 'abc' });
    expect(line).toContain(`${esc}[31mFAIL ${esc}[39m m`);
    expect(plain({ level: 'error', time, msg: 'm' })).not.toContain(esc);
  });

  it('shows control characters of a target instead of obeying them', () => {
    const msg = `${esc}]0;owned\u0007 a\rb\nc \u009b31m \u202etxt.exe`;
    expect(withoutClock(plain({ level: 'info', time, msg, field: `x\n${esc}[2J` }))).toBe(
      'info  \\u{1b}]0;owned\\u{7} a\\u{d}b\\u{a}c \\u{9b}31m \\u{202e}txt.exe field="x\\n\\u001b[2J"\n',
    );
  });

  it('is one line without control characters, whatever it is told', () => {
    fc.assert(
      fc.property(anyText(), anyText(), (msg, field) => {
        expect(plain({ level: 'info', time, msg, field })).toMatch(/^[^\p{Cc}\p{Cf}]*\n$/u);
      }),
    );
  });
});

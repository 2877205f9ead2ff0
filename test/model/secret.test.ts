import { format, inspect } from 'node:util';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { mapStrings } from '../../src/model/map-strings.ts';
import { sameData } from '../../src/model/same-data.ts';
import { revealText, Secret } from '../../src/model/secret.ts';

const secret = new Secret('hunter2-hunter2');

/** What pino writes when it is given the secret in every way that it takes one. */
function logged(): string {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => lines.push(line) });
  log.info({ secret, nested: { list: [secret] } }, 'with %s and %o and %j', secret, secret, secret);
  log.error(Object.assign(new Error(`refused ${secret}`), { secret }));
  return lines.join('');
}

describe('a secret', () => {
  it.each([
    ['a template string', `${secret}`],
    ['concatenation', ['x', secret].join(' ')],
    ['JSON', JSON.stringify({ secret, list: [secret] })],
    ['util.inspect', inspect({ secret }, { depth: 9, showHidden: true })],
    ['util.format', format('%s %o %O %j', secret, secret, secret, secret)],
    ["an error's message and cause", inspect(new Error(`no ${secret}`, { cause: secret }))],
    ['a spread copy', inspect({ ...secret })],
    ['own keys', JSON.stringify(Object.entries(secret))],
    ['YAML', stringify({ secret: secret.toJSON() })],
    ['pino', logged()],
  ])('cannot be printed by %s', (_, printed) => {
    expect(printed).not.toContain('hunter2');
  });

  it('is shown as what it is, so that a reader sees that something stood there', () => {
    expect(`${secret}`).toBe('[secret]');
    expect(inspect(secret)).toBe('[secret]');
  });

  it('comes out by its one name', () => {
    expect(secret.reveal()).toBe('hunter2-hunter2');
    expect(revealText(secret)).toBe('hunter2-hunter2');
    expect(revealText('plain')).toBe('plain');
  });
});

describe('data with secrets', () => {
  const data = (text: string) => ({ token: new Secret(text), scopes: ['a', 'b'], nested: { n: 1, none: null } });

  it('is the same when the texts of its secrets are', () => {
    expect(sameData(data('s'), data('s'))).toBe(true);
    expect(sameData(data('s'), data('t'))).toBe(false);
  });

  it.each([
    [{ a: 1 }, { a: 1, b: undefined }],
    [{ a: undefined }, { b: undefined }],
    [[1], { 0: 1 }],
    [
      [1, 2],
      [2, 1],
    ],
    [new Secret('s'), 's'],
    [null, {}],
    ['1', 1],
  ])('%j and %j are not the same', (a, b) => {
    expect(sameData(a, b)).toBe(false);
    expect(sameData(b, a)).toBe(false);
  });
});

describe('the strings of plain data', () => {
  it('are replaced at any depth, and nothing else is', () => {
    const shout = (text: string) => text.toUpperCase();
    expect(mapStrings({ a: 'x', list: ['y', 1, true, null, undefined], deep: { b: 'z' } }, shout)).toEqual({
      a: 'X',
      list: ['Y', 1, true, null, undefined],
      deep: { b: 'Z' },
    });
  });
});

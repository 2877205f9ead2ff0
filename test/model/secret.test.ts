import { deepStrictEqual } from 'node:assert';
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { serialize } from 'node:v8';
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

/** What the console writes of the secret. */
function onConsole(): string {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  const console = new Console({ stdout: stream, stderr: stream });
  console.log(secret, { secret }, [secret], 'text %s %o', secret, secret);
  console.error(new Error('broken', { cause: secret }));
  console.dir({ secret }, { depth: null, showHidden: true });
  console.table([{ secret }]);
  return written.join('');
}

/** What an assertion of the tests that fails shows of both sides. */
function assertionDiff(act: () => void): string {
  try {
    act();
  } catch (error) {
    return inspect(error, { depth: 9 }) + JSON.stringify(error);
  }
  throw new Error('the assertion held');
}

class Holder {
  readonly secret = secret;
  readonly nested = { deep: { deeper: { deepest: { secret } } } };
}

const failure = new Error(`no ${secret}`, { cause: new Error('deeper', { cause: { secret } }) });

describe('a secret', () => {
  it.each([
    ['a template string', `${secret}`],
    ['concatenation', ['x', secret].join(' ')],
    ['String and Symbol.toPrimitive', `${String(secret)}${secret[Symbol.toPrimitive]()}`],
    ['JSON', JSON.stringify({ secret, list: [secret], holder: new Holder() })],
    ['util.inspect', inspect({ secret }, { depth: 9, showHidden: true })],
    [
      'util.inspect without what objects say of themselves',
      inspect(secret, { customInspect: false, showHidden: true }),
    ],
    ['util.inspect in a class', inspect(new Holder(), { depth: 9, getters: true })],
    ['util.inspect in a Map and a Set', inspect([new Map([[secret, secret]]), new Set([secret])], { depth: 9 })],
    ['util.format', format('%s %o %O %j %d %i', secret, secret, secret, secret, secret, secret)],
    ["an error's message and cause", inspect(failure, { depth: 9 })],
    ["an error's stack and JSON", `${failure.stack}${JSON.stringify(failure)}${failure}`],
    ['errors in an error', inspect(new AggregateError([failure, secret], `all ${secret}`), { depth: 9 })],
    ['a spread copy', inspect({ ...secret })],
    ['a structured clone', inspect(structuredClone({ secret }), { showHidden: true })],
    ['a message to another thread', serialize({ secret }).toString('latin1')],
    ['own keys', JSON.stringify([...Object.entries(secret), ...Reflect.ownKeys(secret)])],
    ['the parameters of an address', String(new URLSearchParams({ secret: `${secret}` }))],
    ['YAML of what JSON makes of it', stringify({ secret: secret.toJSON() })],
    ['YAML', stringify({ secret, list: [secret] })],
    ['pino', logged()],
    ['the console', onConsole()],
    ['an assertion that fails', assertionDiff(() => expect({ secret }).toEqual({ secret: 'other' }))],
    ['an assertion of identity that fails', assertionDiff(() => expect(secret).toBe(new Secret('hunter2-other')))],
    ["an assertion of Node's that fails", assertionDiff(() => deepStrictEqual({ secret }, { secret: 1 }))],
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
  it('leave all as it is where none of them changes', () => {
    const data = { a: 'x', list: ['y', { b: 'z' }], deep: { c: Number.NaN } };
    const mapped = mapStrings(data, (text) => (text === 'x' ? 'X' : text));
    expect(mapped).toEqual({ ...data, a: 'X' });
    expect(mapped.list).toBe(data.list);
    expect(mapped.deep).toBe(data.deep);
    expect(mapStrings(data, (text) => text)).toBe(data);
  });

  it('are replaced at any depth, and nothing else is', () => {
    const shout = (text: string) => text.toUpperCase();
    expect(mapStrings({ a: 'x', list: ['y', 1, true, null, undefined], deep: { b: 'z' } }, shout)).toEqual({
      a: 'X',
      list: ['Y', 1, true, null, undefined],
      deep: { b: 'Z' },
    });
  });
});

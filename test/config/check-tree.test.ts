import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkTree } from '../../src/config/check-tree.ts';
import { parseSource } from '../../src/config/yaml/parse.ts';
import type { Tree } from '../../src/config/yaml/tree.ts';

function check<T>(schema: z.ZodType<T>, yaml: string) {
  const { tree } = parseSource({ path: 'f', text: yaml });
  const said: string[] = [];
  const report = (place: { line: number; column: number }, message: string) =>
    said.push(`${place.line}:${place.column}: ${message}`);
  return { value: checkTree({ schema, tree: tree as Tree, label: 'it', report }), said };
}

describe('checkTree', () => {
  it.each<readonly [string, z.ZodType, string, string]>([
    ['a short text', z.string().min(3), 'ab', 'it is "ab"; expected at least 3 characters'],
    [
      'a long text, which it does not show',
      z.string().max(3),
      'x'.repeat(41),
      'it is not right; expected at most 3 characters',
    ],
    ['a short list', z.array(z.string()).min(1), '[]', 'it is a list; expected at least 1 entry'],
    ['a long list', z.array(z.string()).max(2), '[a, b, c]', 'it is a list; expected at most 2 entries'],
    ['a small number', z.number().min(3), '2.5', 'it is 2.5; expected at least 3'],
    ['a fraction', z.int(), '2.5', 'it is 2.5; expected a whole number'],
    ['a number that is no multiple', z.number().multipleOf(5), '3', 'it is 3; expected another value'],
    ['a constant', z.literal('x'), 'abc', 'it is "abc"; expected x'],
    ['a type of its own', z.date(), 'abc', 'it is "abc"; expected date'],
    ['a sentence of the schema', z.string().refine(() => false, { error: 'is wrong' }), 'abc', 'it: is wrong'],
    [
      'a choice of types',
      z.union([z.number(), z.boolean()]),
      'abc',
      'it is "abc"; expected a number, or true or false',
    ],
    [
      'a choice with words of its own',
      z.union([z.number(), z.boolean()], { error: 'expected this' }),
      'abc',
      'it is "abc"; expected this',
    ],
    [
      'a choice of texts',
      z.union([z.string().min(5), z.number()]),
      'abc',
      'it is "abc"; expected at least 5 characters',
    ],
    [
      'a choice that a key makes',
      z.discriminatedUnion('type', [z.object({ type: z.literal('a') }), z.object({ type: z.literal('b') })]),
      '{ type: c }',
      'it.type is "c"; expected another value',
    ],
  ])('tells of %s', (_, schema, yaml, message) => {
    const { said, value } = check(schema, yaml);
    expect(said).toEqual([expect.stringMatching(/^1:\d+: /)]);
    expect(said[0]?.replace(/^1:\d+: /, '')).toBe(message);
    expect(value).toBeUndefined();
  });

  it('tells of that choice which the value comes nearest to', () => {
    const schema = z.union([
      z.strictObject({ status: z.number() }),
      z.strictObject({ header: z.string(), values: z.array(z.number()) }),
      z.string(),
    ]);
    expect(check(schema, '{ header: a, values: [1, x] }').said).toEqual([
      '1:26: it.values.1 is "x"; expected a number',
    ]);
    expect(check(schema, '{ stauts: 1 }').said).toEqual(['1:3: "stauts" is not a key of it; did you mean "status"?']);
  });

  it('finds the keys that were meant in lists, records and choices', () => {
    const leaf = z.strictObject({ every: z.string().optional() });
    const schema = z.strictObject({
      list: z.array(leaf),
      map: z.record(z.string(), leaf),
      some: z.union([leaf, z.string()]),
    });
    expect(check(schema, 'list: [{ evry: 1 }]\nmap: { a: { evry: 1 } }\nsome: { evry: 1 }').said).toEqual([
      '1:10: "evry" is not a key of it.list.0; did you mean "every"?',
      '2:13: "evry" is not a key of it.map.a; did you mean "every"?',
      '3:9: "evry" is not a key of it.some; did you mean "every"?',
    ]);
  });

  it('makes a value of what is right', () => {
    const schema = z.strictObject({ a: z.number().optional(), b: z.number().optional() });
    expect(check(schema, '{ a: 1, b: x, c: 2 }').value).toEqual({ a: 1 });
  });
});

import fc from 'fast-check';
import { jsonpath } from 'json-p3';
import { describe, expect, it } from 'vitest';
import { createEffort } from '../../src/assertions/effort.ts';
import { compileJsonPath, jsonPathFault } from '../../src/assertions/json-path.ts';

function select(path: string, document: unknown): unknown[] {
  return compileJsonPath(path).select(document, createEffort());
}

const store = {
  data: [
    { id: 'a', price: 8.95, tags: ['x', 'y'], on: true },
    { id: 'b', price: 12.99, tags: [], on: false },
    { id: 'c', price: null, tags: ['y'] },
  ],
  limit: 10,
  a: { b: { a: 1 } },
};

const paths = [
  '$',
  '$.a',
  '$["a"]["b"]',
  '$[0]',
  '$[-1]',
  '$[0:2]',
  '$[::2]',
  '$[::-1]',
  '$[-2:]',
  '$[5:0:-2]',
  '$[1:-1:1]',
  '$[::0]',
  '$[0,0,"a"]',
  '$.*',
  '$..a',
  '$..*',
  '$..[0]',
  '$..a..b',
  '$[?@.a]',
  '$[?!@.a]',
  '$[?@.a == 1]',
  '$[?@.a != @.b]',
  '$[?@.a < @.b]',
  '$[?@.a >= @.b || @.b <= 0]',
  '$[?@.a > 0 && (@.b || @["a"])]',
  '$..[?@.a == null]',
  '$..[?@ == true]',
  '$[?@.a == $.a]',
  '$[?$.a[0]]',
  '$[?length(@) > 1]',
  '$[?length(@.a) <= count(@.*)]',
  '$[?count(@..a) == 1]',
  '$[?value(@..a) == "a"]',
  '$[?@[?@.a]]',
  '$[?search(@, "[ab]")]',
  '$[?!search(@, "b")]',
];

describe('a JSON path', () => {
  it.each([
    ['$.data[0].id', ['a']],
    ['$.data[-1].id', ['c']],
    ['$..id', ['a', 'b', 'c']],
    ['$.data[?@.price < 10].id', ['a']],
    ['$.data[?@.tags[?@ == "y"]].id', ['a', 'c']],
    ['$.data[?match(@.id, "[ab]")].id', ['a', 'b']],
    ['$.data[?length(@.tags) == 0].id', ['b']],
    ['$.nowhere[0].id', []],
  ])('%s finds its values', (path, values) => {
    expect(select(path, store)).toEqual(values);
  });

  it('finds, in their order, the values that the library finds by itself', () => {
    // Left out is where the library errs: it takes an empty list for equal to an empty mapping, and matches ["a"] as "a".
    const name = fc.constantFrom('a', 'b', 'c');
    const { document } = fc.letrec((tie) => ({
      document: fc.oneof(
        { maxDepth: 4, depthSize: 'medium' },
        fc.oneof(
          fc.constantFrom('a', 'ab', 'b\n', ''),
          fc.integer({ min: -1, max: 2 }),
          fc.boolean(),
          fc.constant(null),
        ),
        fc.array(tie('document'), { minLength: 1, maxLength: 5 }),
        fc.dictionary(name, tie('document'), { noNullPrototype: true }),
      ),
    }));
    const library = new jsonpath.JSONPathEnvironment();
    fc.assert(
      fc.property(document, fc.constantFrom(...paths), (value, path) => {
        const json = JSON.parse(JSON.stringify(value));
        expect(select(path, json)).toEqual(library.query(path, json).values());
      }),
      { numRuns: 1000 },
    );
  }, 60_000);

  it('tells an empty list from an empty mapping, and matches text alone', () => {
    expect(select('$[?@ == $.a]', { a: [], b: {} })).toEqual([[]]);
    expect(select('$[?match(@, "a|1|true")]', [['a'], 1, true, 'a'])).toEqual(['a']);
  });

  it('finds an own name that JavaScript treats in its own way, and nothing inherited', () => {
    const document = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}');
    expect(select('$.__proto__.a', document)).toEqual([1]);
    expect(select('$.constructor', document)).toEqual([2]);
    expect(select('$.toString', document)).toEqual([]);
    expect(select('$.list.length', { list: [1] })).toEqual([]);
  });

  it('takes the dot of a pattern for any character but a line end, and leaves other dots alone', () => {
    const document = ['a.b', 'a\rb', 'a\nb', 'axb'];
    expect(select('$[?match(@, "a.b")]', document)).toEqual(['a.b', 'axb']);
    expect(select('$[?match(@, "a\\\\.b")]', document)).toEqual(['a.b']);
    expect(select('$[?match(@, "a[.]b")]', document)).toEqual(['a.b']);
  });

  it('follows a document that is nested deeper than our own stack', () => {
    const deep = JSON.parse(`${'['.repeat(200_000)}7${']'.repeat(200_000)}`);
    expect(select('$..[?@ == 7]', deep)).toEqual([7]);
  });

  it('gives up on work that grows with the square of the document', () => {
    const document = Array.from({ length: 10_000 }, () => 1);
    expect(() => select('$[?count($.*) == 1]', document)).toThrow('too large to be searched');
  });
});

describe('jsonPathFault', () => {
  it('has nothing to say of a right path', () => {
    for (const path of paths) expect(jsonPathFault(path)).toBeUndefined();
  });

  it.each([
    ['data[0]', /begins with \$/],
    ['', /begins with \$/],
    ['$.data[', /unclosed/],
    ['$[?foo(@.a)]', /no such function/],
    ['$[?length(@.a)]', /./],
    ['$[?match(@.a, "(")]', /missing closing \)/],
    ['$[?match(@.a, @.b)]', /must stand in the path/],
  ])('says what is wrong with %s', (path, sentence) => {
    expect(jsonPathFault(path)).toMatch(sentence);
  });
});

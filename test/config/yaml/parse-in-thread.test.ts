import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceFile } from '../../../src/config/sources.ts';
import { parseSource } from '../../../src/config/yaml/parse.ts';
import { parseInThread } from '../../../src/config/yaml/parse-in-thread.ts';
import { readTree, writeTree } from '../../../src/config/yaml/tree-text.ts';
import { createSlices } from '../../../src/system/slices.ts';
import { createVirtualClock } from '../../support/virtual-system.ts';

const slices = () => createSlices(createVirtualClock());
const check = (name: string) =>
  `  ${name}:\n    http: https://api.example.com/${name} # with a comment\n    assert:\n      - status: 200\n`;
const manyChecks = `checks:\n${Array.from({ length: 200 }, (_, index) => check(`check-${index}`)).join('')}`;

describe('parsing in a thread of its own', () => {
  const files: readonly SourceFile[] = [
    { path: 'many.yaml', text: manyChecks },
    { path: 'empty.yaml', text: '# nothing\n' },
    { path: 'broken.yaml', text: `${manyChecks}  a: [1\n` },
    { path: 'doubled.yaml', text: 'checks:\n  a: { http: "https://é.example", labels: { "§": ✓ } }\n  a: ~\n' },
  ];

  it.each(files)('gives for $path what parsing here gives, with every place', async (file) => {
    expect(await parseInThread(file, slices())).toEqual(parseSource(file));
  });
});

describe('a tree as text', () => {
  it('is read as it was written, whatever stands in it', async () => {
    const key = fc
      .string({ minLength: 1 })
      .filter((text) => !['__proto__', 'constructor', 'prototype', '<<'].includes(text));
    const { tree: value } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'medium' },
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 3 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(value, async (content) => {
        const { tree } = parseSource({ path: 'f.yaml', text: JSON.stringify(content) });
        if (tree) expect(await readTree(writeTree(tree), 'f.yaml', slices())).toEqual(tree);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { readPage } from './markdown.ts';

const page = [
  '# What it *is*, and `how`',
  'See [the causes](docs/causes.md#a-status) and [a](https://a.example/x_(y)); `[no](link.md)` is code.',
  '  ```yaml fragment',
  '  a:',
  '    b: 1',
  '  ```',
  '![picture](docs/page.png "A page")',
  '````md',
  '```yaml',
  '[not](a-link.md)',
  '```',
  '````',
  '[later]: docs/later.md',
  '| code   | blame |',
  '| :----- | --- |',
  '| `a`    | self |',
].join('\n');

describe('readPage', () => {
  it('finds blocks, without their indentation', () => {
    expect(readPage(page).blocks).toEqual([
      { info: 'yaml fragment', text: 'a:\n  b: 1', line: 3 },
      { info: 'md', text: '```yaml\n[not](a-link.md)\n```', line: 8 },
    ]);
  });

  it('finds links, but not those in code', () => {
    expect(readPage(page).links).toEqual([
      { target: 'docs/causes.md#a-status', line: 2 },
      { target: 'https://a.example/x_(y)', line: 2 },
      { target: 'docs/page.png', line: 7 },
      { target: 'docs/later.md', line: 13 },
    ]);
  });

  it('finds the rows of tables, however they are padded', () => {
    expect(readPage(page).rows).toEqual([
      ['code', 'blame'],
      ['`a`', 'self'],
    ]);
  });

  it('names headings as GitHub does', () => {
    expect([...readPage(page).anchors]).toEqual(['what-it-is-and-how']);
  });

  it('does not take a block that never ends for none', () => {
    expect(() => readPage('```yaml\na: 1')).toThrow('the block of line 1 does not end');
  });
});

import { describe, expect, it } from 'vitest';
import { parseSource } from '../../../src/config/yaml/parse.ts';
import { parseAtStart, parseWhileRunning } from '../../../src/config/yaml/parse-sources.ts';
import { createSlices } from '../../../src/system/slices.ts';
import { createVirtualClock } from '../../support/virtual-system.ts';

const checks = (count: number) =>
  `checks:\n${Array.from({ length: count }, (_, index) => `  c${index}:\n    http: https://api.example.com/\n`).join('')}`;

describe.each([
  ['at the start', parseAtStart],
  ['while probes run', parseWhileRunning],
])('parsing a file %s', (_, parse) => {
  it.each([
    ['is plain', checks(3)],
    ['begins with a mark', `\uFEFF${checks(3)}`],
    ['is short and has a mistake', `${checks(3)}  - x\n`],
    ['is long and has a mistake', `${checks(1000)}  - x\n`],
    ['is long and repeats parts by aliases', `${checks(1000)}  last: &a { http: https://a.example }\n  same: *a\n`],
    ['is no UTF-8', `checks: \uFFFD\n`],
    ['is empty', ''],
  ])('that %s gives what parsing it in one go gives', async (_, text) => {
    const file = { path: 'f.yaml', text };
    expect(await parse(file, createSlices(createVirtualClock()))).toEqual(parseSource(file));
  });
});

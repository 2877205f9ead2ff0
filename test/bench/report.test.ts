import { describe, expect, it } from 'vitest';
import { readPage } from '../house/markdown.ts';
import type { BenchRecord } from './bench-record.ts';
import type { MeasuredFigure } from './figures.ts';
import { renderReport, renderText } from './report.ts';

const compared: MeasuredFigure = {
  what: 'HTTP | a probe',
  unit: 'µs',
  sides: [
    { name: 'sonde', rounds: [100, 300, 200] },
    { name: 'blackbox_exporter', missing: 'it is not installed' },
  ],
  aim: { text: 'at most 0.5 of blackbox_exporter', isMet: null },
};
const failed: MeasuredFigure = {
  what: 'start',
  unit: 'ms',
  sides: [{ name: 'sonde', rounds: [700, 800, 900] }],
  aim: { text: 'at most 400 ms', isMet: false },
};
const record: BenchRecord = {
  name: 'cost',
  method: 'By the kernel.',
  date: '2026-01-02',
  revision: 'abc1234',
  rounds: 3,
  machine: { processors: '2 × a CPU', memoryGiB: 4, system: 'Linux 6', versions: { node: '24.0.0', wrk: '4.1.0' } },
  figures: [compared, failed],
};

describe('the page of benchmarks', () => {
  const text = renderReport([record]);
  const { rows, anchors, links } = readPage(text.replaceAll('\\|', '¦'));

  it('has each figure with its sides, medians, spread and aim', () => {
    expect(rows).toContainEqual([
      '[cost](#cost)',
      'HTTP ¦ a probe',
      'sonde<br>blackbox_exporter',
      '200 µs<br>not measured',
      '100 to 300<br>it is not installed',
      'at most 0.5 of blackbox_exporter',
      'not measured',
    ]);
  });

  it('says plainly what is not met', () => {
    expect(text).toContain('**not met**');
    expect(text).toContain('Of 2 aims, 0 are met, 1 is not, 1 could not be measured.');
  });

  it('has a section for each bench with its circumstances and rounds', () => {
    expect(anchors).toContain('cost');
    expect(text).toContain('By the kernel.');
    expect(text).toContain('2026-01-02, revision abc1234, 3 rounds, on 2 × a CPU with 4 GiB');
    expect(rows).toContainEqual(['start', 'sonde', 'ms', '700, 800, 900']);
  });

  it('shows a picture where sides are compared, and none where there is nothing to draw', () => {
    expect(links.filter(({ target }) => target.endsWith('.svg'))).toEqual([]);
    const both: MeasuredFigure = { ...failed, sides: [...failed.sides, { name: 'other', rounds: [1, 2, 3] }] };
    const { links: drawn } = readPage(renderReport([{ ...record, figures: [both] }]));
    expect(drawn.map(({ target }) => target)).toContain('benchmarks/cost-ms.svg');
  });
});

describe('the figures in a terminal', () => {
  it('name sides, what is missing, and what came of aims', () => {
    expect(renderText([compared, failed])).toBe(
      [
        '  HTTP | a probe',
        '    sonde                200 µs (100 to 300)',
        '    blackbox_exporter    not measured (it is not installed)',
        '    aim: at most 0.5 of blackbox_exporter: not measured',
        '  start',
        '    sonde                800 ms (700 to 900)',
        '    aim: at most 400 ms: not met',
      ].join('\n'),
    );
  });
});

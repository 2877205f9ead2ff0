import { describe, expect, it } from 'vitest';
import { exposition } from '../../src/sinks/exposition.ts';
import type { AddSeries, MetricFamily } from '../../src/sinks/metric-family.ts';
import { textOf } from '../support/text-of.ts';

type Series = readonly [labelPairs: string, value: number, suffix?: string];

/** A family of one thing for each list of series. */
function family(parts: readonly (readonly Series[])[], described: Partial<MetricFamily> = {}): MetricFamily {
  return {
    name: 'm',
    help: 'Help.',
    type: 'gauge',
    parts: parts.length,
    addPart(index: number, add: AddSeries) {
      for (const series of parts[index] ?? []) add(...series);
    },
    ...described,
  };
}

const write = (written: MetricFamily, openMetrics = false, everywhere = '') =>
  textOf(exposition([written], openMetrics, everywhere).pieces);
const linesOf = (text: string) => text.split('\n').slice(2, -1);

describe('an exposition', () => {
  it.each([
    [0, '0'],
    [0.1, '0.1'],
    [1e21, '1e+21'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('writes the value %d as %s', (value, text) => {
    expect(write(family([[['', value]]]))).toBe(`# HELP m Help.\n# TYPE m gauge\nm ${text}\n`);
  });

  it('names the family of a counter without its suffix in OpenMetrics, and only there', () => {
    const counter = family([[['', 1]]], { name: 'runs_total', type: 'counter' });
    expect(write(counter)).toBe('# HELP runs_total Help.\n# TYPE runs_total counter\nruns_total 1\n');
    expect(write(counter, true)).toBe('# HELP runs Help.\n# TYPE runs counter\nruns_total 1\n# EOF\n');
  });

  it('writes names with their suffixes, and takes label pairs as they are', () => {
    const series: readonly Series[] = [
      ['check="x",le="1.0"', 1, '_bucket'],
      ['check="x"', 2, '_sum'],
    ];
    expect(linesOf(write(family([series])))).toEqual(['m_bucket{check="x",le="1.0"} 1', 'm_sum{check="x"} 2']);
  });

  it('escapes help texts', () => {
    expect(write(family([], { help: 'a\\b\nc' }))).toBe('# HELP m a\\\\b\\nc\n# TYPE m gauge\n');
  });

  it('gives each series the label pair that all have, beside its own', () => {
    const lines = linesOf(write(family([[['', 1]], [['check="x"', 2]]]), false, 'environment="prod"'));
    expect(lines).toEqual(['m{environment="prod"} 1', 'm{environment="prod",check="x"} 2']);
  });

  it('reads each thing only when its piece is taken, all of it at once', () => {
    let value = 0;
    const counting: MetricFamily = {
      ...family([]),
      parts: 2,
      addPart(index, add) {
        value += 1;
        add(`part="${index}"`, value, '_sum');
        add(`part="${index}"`, value, '_count');
      },
    };
    const pieces = exposition([counting], false).pieces[Symbol.iterator]();
    pieces.next();
    expect(value).toBe(0);
    expect(pieces.next().value).toBe('m_sum{part="0"} 1\nm_count{part="0"} 1\n');
    value = 10;
    expect(pieces.next().value).toBe('m_sum{part="1"} 11\nm_count{part="1"} 11\n');
  });
});

import { describe, expect, it } from 'vitest';
import { type MetricFamily, writeExposition } from '../../src/sinks/exposition.ts';

const write = (family: Partial<MetricFamily>, openMetrics = false) =>
  writeExposition(
    [{ name: 'm', help: 'Help.', type: 'gauge', values: [], ...family }],
    openMetrics,
    (check) => `check="${check}"`,
  );

describe('writeExposition', () => {
  it.each([
    [0, '0'],
    [0.1, '0.1'],
    [1e21, '1e+21'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('writes the value %d as %s', async (value, text) => {
    expect((await write({ values: [{ value, labels: {} }] })).body).toBe(`# HELP m Help.\n# TYPE m gauge\nm ${text}\n`);
  });

  it('names the family of a counter without its suffix in OpenMetrics, and only there', async () => {
    const counter = { name: 'runs_total', type: 'counter', values: [{ value: 1, labels: {} }] };
    expect((await write(counter)).body).toBe('# HELP runs_total Help.\n# TYPE runs_total counter\nruns_total 1\n');
    expect((await write(counter, true)).body).toBe('# HELP runs Help.\n# TYPE runs counter\nruns_total 1\n# EOF\n');
  });

  it('writes bounds of buckets with a fraction, and other numbers in labels as they are', async () => {
    const values = [
      { value: 1, labels: { le: 1 }, metricName: 'm_bucket' },
      { value: 1, labels: { le: 2.5 }, metricName: 'm_bucket' },
      { value: 1, labels: { le: '+Inf' }, metricName: 'm_bucket' },
      { value: 1, labels: { major: 24 } },
    ];
    const lines = (await write({ values })).body.split('\n').slice(2, -1);
    expect(lines).toEqual(['m_bucket{le="1.0"} 1', 'm_bucket{le="2.5"} 1', 'm_bucket{le="+Inf"} 1', 'm{major="24"} 1']);
  });

  it('escapes help texts and label values, and takes the pairs of a check as they are', async () => {
    const { body } = await write({ help: 'a\\b\nc', values: [{ value: 1, labels: { check: 'x', why: '"\\\n' } }] });
    expect(body).toBe('# HELP m a\\\\b\\nc\n# TYPE m gauge\nm{check="x",why="\\"\\\\\\n"} 1\n');
  });

  it('gives each series the label pair that all have, beside its own', async () => {
    const values = [
      { value: 1, labels: {} },
      { value: 2, labels: { le: 1, check: 'x' } },
    ];
    const family = { name: 'm', help: 'Help.', type: 'gauge', values };
    const { body } = await writeExposition([family], false, (check) => `check="${check}"`, 'environment="prod"');
    expect(body.split('\n').slice(2, -1)).toEqual([
      'm{environment="prod"} 1',
      'm{environment="prod",le="1.0",check="x"} 2',
    ]);
  });

  it('lets the loop turn while it writes thousands of lines', async () => {
    const values = Array.from({ length: 5_000 }, (_, index) => ({ value: index, labels: {} }));
    let turns = 0;
    let writing = true;
    const count = () => {
      turns += 1;
      if (writing) setImmediate(count);
    };
    setImmediate(count);
    await write({ values });
    writing = false;
    expect(turns).toBeGreaterThanOrEqual(2);
  });
});

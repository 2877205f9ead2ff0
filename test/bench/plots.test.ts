import { describe, expect, it } from 'vitest';
import type { MeasuredFigure } from './figures.ts';
import { plotsOf } from './plots.ts';
import { ticksUpTo } from './svg-lines.ts';

const point = (x: number, rounds: readonly number[]): MeasuredFigure => ({
  what: `at ${x}`,
  unit: 'MiB',
  sides: [{ name: 'sonde <1>', rounds }],
  point: { plot: 'memory & checks', x, xUnit: 'checks' },
});

const bars = (what: string, unit: string): MeasuredFigure => ({
  what,
  unit,
  sides: [
    { name: 'sonde', rounds: [100, 120, 110] },
    { name: 'wrk', rounds: [50] },
    { name: 'gone', missing: 'it is not installed' },
  ],
});

const names = (figures: readonly MeasuredFigure[]) => plotsOf('growth', figures).map(({ name }) => name);

describe('plots', () => {
  it('are one for each that points name, and one for each unit that is compared', () => {
    expect(names([point(10, [1]), bars('a', 'µs'), point(100, [2]), bars('b', 'µs'), bars('c', 'ms')])).toEqual([
      'growth-us',
      'growth-ms',
      'growth-memory-checks',
    ]);
  });

  it('are none of what has one side, or no side that was measured', () => {
    const missing = { ...point(1, []), sides: [{ name: 'sonde', missing: 'it is not installed' }] };
    const { point: _, ...alone } = point(1, [1]);
    expect(names([alone, missing])).toEqual([]);
  });

  it('escape what stands in them', () => {
    const [plot] = plotsOf('growth', [point(1, [1]), point(10, [2])]);
    expect(plot?.svg).toContain('sonde &lt;1&gt;');
    expect(plot?.svg).toContain('<title>memory &amp; checks</title>');
    expect(plot?.svg).not.toContain('NaN');
  });

  it('join the points of a side by rising x, far ones by powers', () => {
    const figures = [point(10_000, [300]), point(10, [80]), point(1000, [100])];
    const path = /polyline points="([^"]+)"/.exec(plotsOf('growth', figures)[0]?.svg ?? '')?.[1];
    const xs = path?.split(' ').map((pair) => Number(pair.split(',')[0]));
    expect(xs).toEqual([90, 510, 720]);
  });

  it('draw bars as long as their medians', () => {
    const svg = plotsOf('cost', [bars('a', 'µs')])[0]?.svg ?? '';
    const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)" height="14"/g)].map(([, width]) => Number(width));
    expect(widths).toHaveLength(2);
    expect((widths[0] ?? 0) / (widths[1] ?? 1)).toBeCloseTo(110 / 50);
  });

  it.each([
    [0, [0, 1]],
    [0.9, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [110, [0, 50, 100, 150]],
    [500, [0, 100, 200, 300, 400, 500]],
  ])('have even ticks up to %d', (most, ticks) => {
    expect(ticksUpTo(most).map((tick) => Number(tick.toFixed(9)))).toEqual(ticks);
  });
});

import { describe, expect, it } from 'vitest';
import type { Bench } from './bench-figure.ts';
import { compareRevisions, renderComparison } from './compare.ts';

describe('two revisions', () => {
  it('are measured in turn, and each round in the other order (by a made-up bench)', async () => {
    const asked: string[] = [];
    const bench: Bench = {
      name: 'made-up',
      method: '',
      async measure({ program, rounds, sondeAlone }) {
        asked.push(program);
        expect([rounds, sondeAlone]).toEqual([1, true]);
        return [
          {
            what: 'a probe',
            unit: 'µs',
            sides: [
              { name: 'sonde', rounds: [program === 'old.js' ? 200 : 100 + asked.length] },
              { name: 'wrk', rounds: [50] },
            ],
          },
        ];
      },
    };
    const revisions = [
      { name: 'old', program: 'old.js' },
      { name: 'new', program: 'new.js' },
    ] as const;
    const compared = await compareRevisions(bench, revisions, 3, () => {});
    expect(asked).toEqual(['old.js', 'new.js', 'new.js', 'old.js', 'old.js', 'new.js']);
    expect(compared).toEqual([{ what: 'a probe', unit: 'µs', rounds: { old: [200, 200, 200], new: [102, 103, 106] } }]);
  });

  it('are shown side by side, and a change that the spread hides is said to be one', () => {
    const text = renderComparison(
      [
        { what: 'a probe', unit: 'µs', rounds: { old: [200, 210, 190], new: [100, 110, 90] } },
        { what: 'a start', unit: 'ms', rounds: { old: [400, 500], new: [450, 490] } },
      ],
      ['old', 'new'],
    );
    expect(text.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['old', 'new', 'change'],
      ['a probe', '200 µs (190 to 210)', '100 µs (90 to 110)', '-50 %'],
      ['a start', '450 ms (400 to 500)', '470 ms (450 to 490)', '+4 %, within the spread'],
    ]);
  });
});

import type { Bench, Figure } from './bench-figure.ts';
import { type Readings, runSide } from './side.ts';

const sides = ['sonde', 'limiter'] as const;

/** What each round found, by side and scenario. */
type Rounds = Record<string, Readings[]>;

async function measureRounds(rounds: number, say: (line: string) => void): Promise<Rounds> {
  const found: Rounds = {};
  const measure = async (side: string, scenario: string, waiters: number) => {
    const name = `${side} ${scenario} ${waiters}`;
    found[name] = [...(found[name] ?? []), await runSide('limiter-side.ts', [side, scenario, waiters])];
  };
  for (let round = 1; round <= rounds; round++) {
    say(`limiter: round ${round} of ${rounds}`);
    for (const side of sides) await measure(side, 'at-hand', 1);
    for (const side of sides) await measure(side, 'waiting', 1000);
    for (const waiters of [10, 1000]) await measure('sonde', 'passed-on', waiters);
  }
  return found;
}

/** Permits through a budget, as runs take them, beside the package `limiter`. */
export const limiterBench: Bench = {
  name: 'limiter',
  method:
    'A process on one core takes permits from one budget, as runs do: with a bound in time and a signal to stop by. ' +
    '`limiter` 4.1.0 is its TokenBucket, which has neither. With a refill of 10,000 permits a second and a burst of 100, ' +
    '1,000 callers wait and each asks again as soon as it has got one; without a refill, 5 permits go round among those ' +
    'who wait, unused, so that what counts is the line alone.',
  async measure({ rounds, say }) {
    const found = await measureRounds(rounds, say);
    const of = (name: string, reading: string) =>
      (found[name] ?? []).map((readings) => readings[reading] ?? Number.NaN);
    const bySide = (scenario: string, reading: string) =>
      sides.map((name) => ({ name, rounds: of(`${name} ${scenario}`, reading) }));
    const figures: readonly Figure[] = [
      { what: 'A permit that is at hand: CPU', unit: 'µs', sides: bySide('at-hand 1', 'cpuUs') },
      {
        what: '1,000 waiting for 10,000 permits/s: CPU of one',
        unit: 'µs',
        sides: bySide('waiting 1000', 'cpuUs'),
      },
      {
        what: '1,000 waiting for 10,000 permits/s: granted',
        unit: 'permits/s',
        sides: bySide('waiting 1000', 'permitsPerSecond'),
      },
      {
        what: 'Passed on without a refill',
        unit: 'permits/s',
        sides: [10, 1000].map((waiters) => ({
          name: `${waiters} waiting`,
          rounds: of(`sonde passed-on ${waiters}`, 'permitsPerSecond'),
        })),
      },
    ];
    return figures;
  },
};

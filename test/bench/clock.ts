import type { Aim, Bench, Figure, Side } from './bench-figure.ts';
import { chronysOwnOffsetsMs, missingForChrony, withChrony } from './chrony.ts';
import { quantile } from './quantile.ts';
import { type Readings, runSide } from './side.ts';

/** The server with a false clock is ahead by so much. */
const falseSeconds = 2.5;

interface Round {
  readonly inARow: Readings;
  readonly atTrueClock: Readings;
  readonly atFalseClock: Readings;
  readonly chronyMs: readonly number[];
}

async function measureRound(): Promise<Round> {
  const atTrue = await withChrony(0, async (port) => ({
    inARow: await runSide('clock-side.ts', [port, 0, 2000, 0]),
    atTrueClock: await runSide('clock-side.ts', [port, 0, 1000, 2]),
    chronyMs: await chronysOwnOffsetsMs(port, 3000),
  }));
  const atFalseClock = await withChrony(falseSeconds, (port) =>
    runSide('clock-side.ts', [port, -1000 * falseSeconds, 1000, 2]),
  );
  return { ...atTrue, atFalseClock };
}

function figuresOf(rounds: readonly Round[] | string): readonly Figure[] {
  const side = (name: string, read: (round: Round) => number | undefined): Side =>
    typeof rounds === 'string'
      ? { name, missing: rounds }
      : { name, rounds: rounds.map((round) => read(round) ?? Number.NaN) };
  const sonde = (scene: 'inARow' | 'atTrueClock' | 'atFalseClock', reading: string) =>
    side('sonde', (round) => round[scene][reading]);
  const chrony = (share: number) => side('chrony', ({ chronyMs }) => quantile(chronyMs.map(Math.abs), share));
  const aim: Aim = {
    text: 'at most 1 ms',
    isMet: ({ sonde }) => (sonde === undefined ? undefined : sonde <= 1),
  };
  const aimHeld: Aim = { text: 'all', isMet: ({ sonde }) => (sonde === undefined ? undefined : sonde === 1) };
  const falsely = `server ${falseSeconds} s ahead`;
  return [
    { what: 'One NTP sample: CPU', unit: 'µs', sides: [sonde('inARow', 'cpuUs')] },
    { what: 'Error of the offset, p50', unit: 'ms', sides: [sonde('atTrueClock', 'p50Ms'), chrony(0.5)] },
    { what: 'Error of the offset, p99', unit: 'ms', sides: [sonde('atTrueClock', 'p99Ms'), chrony(0.99)], aim },
    { what: `Error of the offset, ${falsely}, p50`, unit: 'ms', sides: [sonde('atFalseClock', 'p50Ms')] },
    { what: `Error of the offset, ${falsely}, p99`, unit: 'ms', sides: [sonde('atFalseClock', 'p99Ms')], aim },
    {
      what: `Error of the offset, ${falsely}, the best of a burst of four, p99`,
      unit: 'ms',
      sides: [sonde('atFalseClock', 'burstP99Ms')],
      aim,
    },
    {
      what: `Rounds in which every error is within its sample's own uncertainty, ${falsely}`,
      unit: 'share',
      sides: [sonde('atFalseClock', 'held')],
      aim: aimHeld,
    },
  ];
}

/** The offset to a real time server whose error is known, beside what chrony measures of it. */
export const clockBench: Bench = {
  name: 'clock',
  method:
    'chronyd serves the time of this host on loopback, exactly and then, under faketime, 2.5 s ahead; sonde asks it 1,000 ' +
    'times a round from another core, each about 2 ms after the answer before. The CPU is that of 2,000 samples in a row, ' +
    "sockets and all. chrony as a client of the same server measures with the kernel's time stamps, which Node does not " +
    'tell. An error is against the offset that is known.',
  async measure({ rounds, say }) {
    const missing = missingForChrony();
    if (missing !== undefined) return figuresOf(missing);
    const found: Round[] = [];
    for (let round = 1; round <= rounds; round++) {
      say(`clock: round ${round} of ${rounds}`);
      found.push(await measureRound());
    }
    return figuresOf(found);
  },
};

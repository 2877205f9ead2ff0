/** What a target does to one request, in milliseconds. */
export interface Delays {
  readonly tls: number;
  readonly wait: number;
  readonly transfer: number;
}

export const delaysMs = [0, 1, 5, 20, 100];

const delayed = delaysMs.filter((ms) => ms > 0);
const none: Delays = { tls: 0, wait: 0, transfer: 0 };
const plain: readonly Delays[] = [
  none,
  ...delayed.flatMap((ms) => [
    { ...none, wait: ms },
    { ...none, transfer: ms },
  ]),
];

/** So many probes a second over one protocol, spread evenly over all delays. */
export interface Load {
  readonly overTls: boolean;
  readonly perSecond: number;
  /** Not looked at: a process that has just begun has not compiled its code yet. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

const load = (overTls: boolean, perSecond: number, warmUpSeconds: number, seconds: number): Load => ({
  overTls,
  perSecond,
  warmUpSeconds,
  seconds,
});

export const loads: readonly Load[] = [
  load(false, 1, 1, 4),
  load(false, 100, 1.5, 3),
  load(false, 500, 1, 2.5),
  load(false, 1000, 2, 3),
  load(true, 1, 1, 4),
  load(true, 100, 1.5, 3),
  load(true, 200, 1.5, 3),
];

/** The delays of a load. One that is too low to come to all of them begins each round with others. */
export function casesOf({ overTls }: Load, round: number): readonly Delays[] {
  const cases = overTls ? [...plain, ...delayed.map((ms) => ({ ...none, tls: ms }))] : plain;
  const first = (round * 4) % cases.length;
  return [...cases.slice(first), ...cases.slice(0, first)];
}

/** For example `HTTPS, 100/s`. */
export const nameOf = ({ overTls, perSecond }: Load) => `${overTls ? 'HTTPS' : 'HTTP'}, ${perSecond}/s`;

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { quantile } from '../quantile.ts';

/** When the requests of one check came, in milliseconds of the target's monotonic clock. */
export interface Arrivals {
  readonly index: number;
  readonly atMs: readonly number[];
}

/** Its port at first, and then for each message that it gets what it saw since the one before. */
export type TargetMessage = { readonly port: number } | { readonly arrivals: readonly Arrivals[] };

export interface Target {
  readonly port: number;
  /** What it saw since it was asked before. */
  arrivals(): Promise<readonly Arrivals[]>;
  close(): void;
}

async function message(child: ChildProcess): Promise<TargetMessage> {
  const [told] = await once(child, 'message');
  return told;
}

export async function startTarget(): Promise<Target> {
  const child = fork(fileURLToPath(new URL('target.ts', import.meta.url)));
  const told = await message(child);
  return {
    port: 'port' in told ? told.port : Number.NaN,
    async arrivals() {
      child.send('arrivals');
      const seen = await message(child);
      return 'arrivals' in seen ? seen.arrivals : [];
    },
    close: () => child.disconnect(),
  };
}

/** How evenly requests came. */
export interface Punctuality {
  /** Of each request, against the earliest place in its interval at which one of the same check came. */
  readonly lateMs: readonly number[];
  /** Intervals in which none came. */
  readonly missing: number;
  /** How much later in its interval the last request came than the first one: the median of all checks. */
  readonly driftMs: number;
}

export function punctualityOf(arrivals: readonly Arrivals[], everyMs: number): Punctuality {
  const lateMs: number[] = [];
  const driftsMs: number[] = [];
  let missing = 0;
  for (const { atMs } of arrivals) {
    const [firstMs = 0] = atMs;
    const intervals = atMs.map((ms) => Math.round((ms - firstMs) / everyMs));
    const offsetsMs = atMs.map((ms, at) => ms - firstMs - (intervals[at] ?? 0) * everyMs);
    const earliestMs = Math.min(...offsetsMs);
    for (const offsetMs of offsetsMs) lateMs.push(offsetMs - earliestMs);
    missing += (intervals.at(-1) ?? 0) + 1 - atMs.length;
    driftsMs.push(offsetsMs.at(-1) ?? 0);
  }
  return { lateMs, missing, driftMs: quantile(driftsMs, 0.5) };
}

/** How much busier the busiest tenth of the first interval was than the average one. */
export function burstOf(arrivals: readonly Arrivals[], everyMs: number): number {
  const firstsMs = arrivals.map(({ atMs }) => atMs[0] ?? 0);
  const startMs = Math.min(...firstsMs);
  const tenths = new Array<number>(10).fill(0);
  for (const ms of firstsMs) {
    const tenth = Math.min(9, Math.floor(((ms - startMs) / everyMs) * 10));
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  return Math.max(...tenths) / (firstsMs.length / 10);
}

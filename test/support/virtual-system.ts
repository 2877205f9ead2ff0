import { createHash } from 'node:crypto';
import type { Clock } from '../../src/system/clock.ts';
import { createFiles } from '../../src/system/files.ts';
import { createRandom } from '../../src/system/random.ts';
import type { System } from '../../src/system/system.ts';

interface PendingTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that stands still until a test moves it. */
export interface VirtualClock extends Clock {
  /** Moves both clocks on by `ms`, calling timers back in their order and letting promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock ahead (positive) or back, as an operator or NTP would; monotonic time goes on undisturbed. */
  stepWall(ms: number): void;
  /** From now on each event calls back `ms` late. */
  lagBy(ms: number): void;
  /** How many timers are pending: a leak shows here. */
  pending(): number;
}

/** Lets all promises that can settle do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export function createVirtualClock(startWallMs = Date.UTC(2026, 0, 1)): VirtualClock {
  let nowMs = 0;
  let wallOffsetMs = startWallMs;
  let lagMs = 0;
  let order = 0;
  const timers = new Set<PendingTimer>();

  const nextDue = (untilMs: number) => {
    let first: PendingTimer | undefined;
    for (const timer of timers) {
      if (timer.dueMs > untilMs) continue;
      if (!first || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.order < first.order))
        first = timer;
    }
    return first;
  };

  return {
    monotonicMs: () => nowMs,
    wallMs: () => Math.floor(nowMs + wallOffsetMs),
    event: () => ({ nowMs, atMs: nowMs - lagMs, earliestMs: nowMs - lagMs }),
    after(delayMs, callback) {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), order: order++, callback };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.callback();
        await settle();
      }
      nowMs = untilMs;
    },
    stepWall(ms) {
      wallOffsetMs += ms;
    },
    lagBy(ms) {
      lagMs = ms;
    },
    pending: () => timers.size,
  };
}

export interface VirtualSystem extends System {
  readonly clock: VirtualClock;
  readonly environmentVariables: Map<string, string>;
}

/**
 * Virtual time, randomness from a seed but for keys, an environment of its own; the files are real (use a temporary
 * folder).
 */
export function createVirtualSystem(seed = 'seed'): VirtualSystem {
  let drawn = 0;
  const draw = () => createHash('sha256').update(`${seed}:${drawn++}`).digest();
  const environmentVariables = new Map<string, string>();
  return {
    clock: createVirtualClock(),
    random: {
      unit: () => draw().readUInt32BE() / 2 ** 32,
      bytes: (count) => Buffer.concat(Array.from({ length: Math.ceil(count / 32) }, draw)).subarray(0, count),
      keyPair: createRandom().keyPair,
    },
    files: createFiles(),
    environment: (name) => environmentVariables.get(name),
    environmentVariables,
  };
}

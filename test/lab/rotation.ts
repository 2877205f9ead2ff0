import { setTimeout as delay } from 'node:timers/promises';
import { type Breakage, breakages } from './breakages.ts';
import type { World } from './world.ts';

/** When things break. A breakage says itself how long it lasts. */
export interface Pace {
  readonly firstAfterMs: number;
  /** From one breakage to the next. */
  readonly everyMs: number;
}

export const usualPace: Pace = { firstAfterMs: 15_000, everyMs: 60_000 };

const breakIt = (world: World, { fault }: Breakage) =>
  fault.server === 'api' ? world.api.faults.set(fault.name, fault.path) : world.issuer.faults.set(fault.name);

const healIt = (world: World, { fault }: Breakage) =>
  fault.server === 'api' ? world.api.faults.clear(fault.name) : world.issuer.faults.clear();

/** Breaks the world and heals it, one thing at a time and without an end; rejects when the signal aborts. */
export async function rotateBreakages(
  world: World,
  say: (line: string) => void,
  signal: AbortSignal,
  { firstAfterMs, everyMs }: Pace = usualPace,
): Promise<never> {
  await delay(firstAfterMs, undefined, { signal });
  for (;;) {
    for (const breakage of breakages) {
      say(`BROKEN  ${breakage.sentence}`);
      say(`        Expect ${breakage.cause} from ${breakage.shownBy}.`);
      await breakIt(world, breakage);
      await delay(breakage.lastsMs, undefined, { signal });
      await healIt(world, breakage);
      say('HEALED');
      await delay(everyMs - breakage.lastsMs, undefined, { signal });
    }
  }
}

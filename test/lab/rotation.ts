import { styleText } from 'node:util';
import { type Clock, sleep } from '../../src/system/clock.ts';
import { type Breakage, breakages } from './breakages.ts';
import type { World } from './world.ts';

/** The servers of a world, as far as they can be broken. */
export interface Breakable {
  readonly api: Pick<World['api'], 'faults'>;
  readonly issuer: Pick<World['issuer'], 'faults'>;
}

/** How long all is well before the first breakage. */
export const firstAfterMs = 15_000;
/** From one breakage to the next. */
export const everyMs = 60_000;

const breakIt = ({ api, issuer }: Breakable, { fault }: Breakage) =>
  fault.server === 'api' ? api.faults.set(fault.name, fault.path) : issuer.faults.set(fault.name);

const healIt = ({ api, issuer }: Breakable, { fault }: Breakage) =>
  fault.server === 'api' ? api.faults.clear(fault.name) : issuer.faults.clear();

/** Breaks the world and heals it, one thing at a time, until the signal aborts. */
export async function rotateBreakages(
  clock: Clock,
  world: Breakable,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await sleep(clock, firstAfterMs, signal);
  for (let turn = 0; !signal.aborted; turn++) {
    const breakage = breakages[turn % breakages.length] as Breakage;
    await breakIt(world, breakage);
    say(`${styleText(['bold', 'red'], 'BROKEN')}  ${breakage.sentence}`);
    say(`        Expect ${breakage.cause} from ${breakage.shownBy}.`);
    await sleep(clock, breakage.lastsMs, signal);
    await healIt(world, breakage);
    if (!signal.aborted) say(styleText(['bold', 'green'], 'HEALED'));
    await sleep(clock, everyMs - breakage.lastsMs, signal);
  }
}

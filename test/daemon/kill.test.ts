import { expect, it } from 'vitest';
import { createDraw, enduranceRounds, enduranceSeed } from '../support/endurance.ts';
import type { SondeProcess } from '../support/sonde-process.ts';
import { createKillFigures, type KillFigures } from './kill-figures.ts';
import { drawMoments, killAt, type Moment } from './kill-moments.ts';
import { firstRefresh, startRefreshingRig } from './refreshing-rig.ts';

const kills = enduranceRounds(10);
/** Side by side, for most of the time goes by in waiting for the next refresh. */
const rigs = 2;

it(`a daemon that is killed loses no family but by an answer that was not on its disk yet, and says so (${kills} kills)`, {
  timeout: 60_000 + kills * 15_000,
}, async () => {
  const draw = createDraw(enduranceSeed);
  const moments = drawMoments(kills, draw);
  const figures = createKillFigures();
  const shares = Array.from({ length: rigs }, (_, rig) => moments.filter((_moment, index) => index % rigs === rig));
  await Promise.all(shares.map((share) => killAtEach(share, draw, figures)));
  process.stdout.write(figures.table(enduranceSeed));
});

/** Starts and kills a daemon once for each moment, and a last time to see that it goes on. */
async function killAtEach(moments: readonly Moment[], draw: () => number, figures: KillFigures): Promise<void> {
  const rig = await startRefreshingRig();
  /** When that was noted which has cost the family, from the kill on until a start has said so. */
  let lostSinceMs: number | undefined;

  const expectToWork = async (daemon: SondeProcess): Promise<SondeProcess> => {
    expect(await firstRefresh(daemon)).toMatchObject({ outcome: 'passed' });
    await daemon.line(/"check":"models".*"outcome":"passed"/);
    expect(await rig.apiStatus()).toBe(200);
    expect(await rig.leftovers(daemon)).toEqual([]);
    return daemon;
  };

  const expectToSayWhatIsLost = async (daemon: SondeProcess, sinceMs: number): Promise<void> => {
    const run = await firstRefresh(daemon);
    expect(run).toMatchObject({ cause: 'refresh_token_rotated_away' });
    expect(run.detail).toContain(new Date(sinceMs).toISOString());
    daemon.child.kill('SIGTERM');
    expect(await daemon.ended).toMatchObject({ code: 0 });
  };

  const settle = async (daemon: SondeProcess): Promise<SondeProcess> => {
    if (lostSinceMs === undefined) {
      figures.restarted('went on with a working token');
      return expectToWork(daemon);
    }
    figures.restarted('found its family lost');
    await expectToSayWhatIsLost(daemon, lostSinceMs);
    lostSinceMs = undefined;
    await rig.newFamily();
    return expectToWork(rig.start());
  };

  const killAndTakeStock = async (moment: Moment, daemon: SondeProcess): Promise<void> => {
    const station = await killAt(moment, daemon, { ...rig, draw });
    await rig.relay.rest();
    const stored = await rig.stored();
    const granted = rig.relay.successor();
    const isLost = granted !== undefined && stored?.refreshToken?.reveal() !== granted;
    figures.killed(moment, isLost && lostSinceMs === undefined ? station : undefined);
    if (!isLost) return;
    // Our own record says that it was about to be sent, and since when.
    expect(stored).toMatchObject({ spending: expect.any(String), spendingSinceMs: expect.any(Number) });
    lostSinceMs ??= stored?.spendingSinceMs;
  };

  const [first, ...others] = moments;
  if (!first) return;
  await killAndTakeStock(first, first === 'while it starts' ? rig.start() : await expectToWork(rig.start()));
  for (const moment of others) {
    const daemon = rig.start();
    if (moment === 'while it starts') figures.restarted('was killed as it started');
    await killAndTakeStock(moment, moment === 'while it starts' ? daemon : await settle(daemon));
  }
  await settle(rig.start());
}

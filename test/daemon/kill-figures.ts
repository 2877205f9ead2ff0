import type { Station } from './issuer-relay.ts';
import type { Moment } from './kill-moments.ts';

/** What a start after a kill came to. */
type Restart = 'went on with a working token' | 'found its family lost' | 'was killed as it started';

const lossSentences: Readonly<Record<Station | 'idle', string>> = {
  idle: 'nobody knows',
  asked: 'nobody knows',
  'at work': 'the issuer was at work',
  granted: 'the answer had not left the issuer',
  answered: 'the answer was under way or not on disk yet',
};

export interface KillFigures {
  /** `lostAt`: where the answer was that has cost a family. */
  killed(moment: Moment, lostAt: Station | 'idle' | undefined): void;
  restarted(restart: Restart): void;
  /** For people. */
  table(seed: number): string;
}

export function createKillFigures(): KillFigures {
  const kills: { readonly moment: Moment; readonly lostAt: Station | 'idle' | undefined }[] = [];
  const restarts: Restart[] = [];
  const countsOf = <T>(things: readonly T[]) =>
    [...Map.groupBy(things, (thing) => thing)].map(([thing, same]) => ({ thing, count: same.length }));

  const rowOf = (title: string, ofRow: typeof kills) => {
    const losses = ofRow.flatMap(({ lostAt }) => (lostAt === undefined ? [] : [lossSentences[lostAt]]));
    const why = countsOf(losses).map(({ thing, count }) => `${count}: ${thing}`);
    return [title, `${ofRow.length}`, `${losses.length}`, why.join('; ')];
  };

  return {
    killed: (moment, lostAt) => void kills.push({ moment, lostAt }),
    restarted: (restart) => void restarts.push(restart),
    table(seed) {
      const byMoment = [...Map.groupBy(kills, ({ moment }) => moment)].sort(([a], [b]) => a.localeCompare(b));
      const rows = [
        ['killed', 'kills', 'families lost', 'why'],
        ...byMoment.map(([moment, ofMoment]) => rowOf(moment, ofMoment)),
        rowOf('in all', kills),
      ];
      const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
      const lines = rows.map((row) =>
        row
          .map((cell, column) => cell.padEnd(widthOf(column)))
          .join('  ')
          .trimEnd(),
      );
      const starts = countsOf(restarts).map(({ thing, count }) => `${count} ${thing}`);
      const last = `Of ${restarts.length} starts after a kill ${starts.join(', ')} (seed ${seed}).`;
      return [...lines, last, 'Each loss stood in the store as about to be sent; no store was damaged.', ''].join('\n');
    },
  };
}

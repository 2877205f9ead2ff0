import { watch } from 'node:fs';
import type { SondeProcess } from '../support/sonde-process.ts';
import type { IssuerRelay, Station } from './issuer-relay.ts';

/** When a daemon is killed that refreshes each second. Random moments alone would hardly ever hit the narrow ones. */
export type Moment =
  | 'while it starts'
  | 'at any moment'
  | 'as it notes what it is about to send'
  | 'before the issuer has the request'
  | 'while the issuer works'
  | 'as the answer leaves the issuer'
  | 'as it writes down the answer';

/** Of each ten. */
const mix: readonly Moment[] = [
  'while it starts',
  'at any moment',
  'at any moment',
  'at any moment',
  'as it notes what it is about to send',
  'before the issuer has the request',
  'while the issuer works',
  'as the answer leaves the issuer',
  'as it writes down the answer',
  'as it writes down the answer',
];

/** As many as asked for, in random order. */
export function drawMoments(count: number, draw: () => number): Moment[] {
  const moments = Array.from({ length: count }, (_, index) => mix[index % mix.length] as Moment);
  return moments
    .map((moment) => ({ moment, order: draw() }))
    .sort((a, b) => a.order - b.order)
    .map(({ moment }) => moment);
}

interface KillPorts {
  readonly relay: IssuerRelay;
  readonly stateDir: string;
  readonly draw: () => number;
}

const startUpMs = 1_500;
const betweenRefreshesMs = 1_200;
/** To write, sync and rename a file. */
const writingMs = 8;

/** Kills it by SIGKILL at such a moment. Resolves, when the process is gone, with where its last request had come to. */
export async function killAt(
  moment: Moment,
  { child, ended }: SondeProcess,
  { relay, stateDir, draw }: KillPorts,
): Promise<Station | 'idle'> {
  let station = relay.station();
  const kill = () => {
    station = relay.station();
    child.kill('SIGKILL');
  };
  const killWithin = (ms: number) => void setTimeout(kill, draw() * ms);
  /** From when the store's new file is there, before it has taken the place of the old one. */
  const killAsItWrites = () => {
    const watcher = watch(stateDir, (_event, name) => {
      if (!name?.endsWith('.new')) return;
      watcher.close();
      killWithin(writingMs);
    });
  };
  if (moment === 'while it starts') killWithin(startUpMs);
  else if (moment === 'at any moment') killWithin(betweenRefreshesMs);
  else if (moment === 'as it notes what it is about to send') killAsItWrites();
  else if (moment === 'before the issuer has the request') relay.meet('asked', kill);
  else if (moment === 'while the issuer works') relay.meet('at work', kill);
  else if (moment === 'as the answer leaves the issuer') relay.meet('answered', kill);
  else relay.meet('granted', killAsItWrites);
  await ended;
  return station;
}

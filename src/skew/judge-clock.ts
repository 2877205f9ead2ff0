import type {
  ClockReading,
  ClockSourceState,
  ClockSourceView,
  ClockState,
  ClockVerdict,
  SkewInterval,
} from '../model/clock.ts';
import { aheadText } from '../model/clock-words.ts';
import { type ClockBasis, clockBasis } from './clock-basis.ts';
import type { DateOrigin } from './date-origins.ts';
import { widened } from './drift.ts';
import type { NtpServerView } from './ntp-standing.ts';

/** All that is known of other clocks. */
export interface ClockEvidence {
  readonly servers: readonly NtpServerView[];
  readonly origins: readonly DateOrigin[];
  readonly toleranceMs: number;
  /** Monotonic milliseconds. */
  readonly nowMs: number;
}

/** How this host's clock stands, and what each source has to do with it. */
export function judgeClock({ servers, origins, toleranceMs, nowMs }: ClockEvidence): ClockVerdict {
  const aged = (reading: ClockReading) => widened(reading, nowMs - reading.atMs);
  const answers = servers.flatMap(({ reading }) => (reading ? [aged(reading)] : []));
  const dates = origins.map(({ reading }) => aged(reading));
  const basis = clockBasis(
    servers,
    answers,
    dates.filter((_, index) => origins[index]?.standing === 'steady'),
  );
  const standing = (reading: ClockReading) => readingView(reading, basis, nowMs);
  const sources = [
    ...servers.map((server) => serverView(server, answers, standing)),
    ...origins.map((origin, index) => originView(origin, dates[index] as ClockReading, standing)),
  ];
  return { ...judge(basis, toleranceMs), toleranceMs, sources };
}

/** An alarm needs the whole interval beyond the tolerance; an all-clear must be finer than what it clears. */
function judge(
  { majority, reason }: ClockBasis,
  toleranceMs: number,
): Pick<ClockVerdict, 'state' | 'skewMs' | 'uncertaintyMs' | 'reason'> {
  if (!majority) return { state: 'unknown', reason };
  const { interval, skewMs } = majority;
  const uncertaintyMs = uncertaintyOf(interval, skewMs);
  const known = (state: Exclude<ClockState, 'unknown'>) => ({ state, skewMs, uncertaintyMs, reason });
  if (interval.lowMs > toleranceMs) return known('ahead');
  if (interval.highMs < -toleranceMs) return known('behind');
  if (Math.abs(skewMs) <= toleranceMs && uncertaintyMs <= toleranceMs) return known('ok');
  const range = `between ${aheadText(interval.lowMs)} and ${aheadText(interval.highMs)}`;
  return { state: 'unknown', reason: `it lies ${range}, too coarse for the tolerance; ${reason}` };
}

function uncertaintyOf({ lowMs, highMs }: SkewInterval, skewMs: number): number {
  return Math.max(highMs - skewMs, skewMs - lowMs);
}

type Standing = (reading: ClockReading) => ClockSourceView;

/** Whether a reading agrees with the majority. */
function readingView(reading: ClockReading, { majority }: ClockBasis, nowMs: number): ClockSourceView {
  const { source, kind, skewMs, atMs } = reading;
  const view = { source, kind, skewMs, uncertaintyMs: uncertaintyOf(reading, skewMs), ageMs: nowMs - atMs };
  const as = (state: ClockSourceState) => ({ ...view, state });
  if (!majority) return as('undecided');
  // What the majority was made of is its business; any other reading is held against what came of it.
  if (majority.agreeing.includes(reading)) return as('used');
  const isOff = majority.outvoted.includes(reading) || isApart(reading, majority.interval);
  return isOff ? { ...as('outvoted'), problem: `its own clock is ${aheadText(majority.skewMs - skewMs)}` } : as('used');
}

function isApart(one: SkewInterval, other: SkewInterval): boolean {
  return one.lowMs > other.highMs || one.highMs < other.lowMs;
}

function serverView(server: NtpServerView, answers: readonly ClockReading[], standing: Standing): ClockSourceView {
  const { source, state, problem, stratum } = server;
  const told = { ...(problem !== undefined && { problem }), ...(stratum !== undefined && { stratum }) };
  if (state !== 'answering') return { source, kind: 'ntp', state, ...told };
  return { ...told, ...standing(answers.find((reading) => reading.source === source) as ClockReading) };
}

function originView(origin: DateOrigin, reading: ClockReading, standing: Standing): ClockSourceView {
  const view = standing(reading);
  if (origin.standing === 'steady') return view;
  return { ...view, ...disbelief[origin.standing] };
}

const disbelief = {
  new: { state: 'waiting', problem: 'its Date header has not been seen to go on for long enough yet' },
  contradictory: {
    state: 'refused',
    problem:
      'its Date headers contradict one another: a cache keeps them, a clock was stepped, or several answer behind one name',
  },
} as const satisfies Record<string, Pick<ClockSourceView, 'state' | 'problem'>>;

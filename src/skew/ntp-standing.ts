import type { ClockReading } from '../model/clock.ts';
import type { NtpAnswer, NtpSample } from './ntp-exchange.ts';

/** How a server stands by its answers so far. */
export interface NtpServerView {
  /** As configured: the host, and the port unless it is 123. */
  readonly source: string;
  /**
   * `waiting`: it has not been asked yet. `silent`: it has not answered lately. `refused`: what it says is not believed,
   * or it wants not to be asked.
   */
  readonly state: 'answering' | 'silent' | 'refused' | 'waiting';
  /** The newest one: not widened by its age, and of the wall clock as it is set now. Present exactly when `answering`. */
  readonly reading?: ClockReading;
  readonly stratum?: number;
  /** What went wrong with the last packet, as a clause for a person. */
  readonly problem?: string;
}

/** What is known of a server between two packets, and when it may be asked again. */
export interface NtpStanding {
  /** In a burst, the sample of the least delay counts; else the newest. */
  take(answer: NtpAnswer, inBurst: boolean): void;
  hasReading(): boolean;
  /** The time between two rounds: what is configured, or what the server asked for when that is longer. */
  roundMs(): number;
  /** Whether it ever asked for rest: it gets no bursts from then on. */
  wantsRest(): boolean;
  /** Changes what is configured between two rounds. */
  setEvery(everyMs: number): void;
  mayAsk(): boolean;
  /** Forgets the reading, but not what the server wants of us. */
  forget(): void;
  /** `wallAheadMs`: what our wall clock shows now when our monotonic clock shows 0. */
  view(wallAheadMs: number): NtpServerView;
}

/** One packet may be lost without its server being taken for silent. */
const unansweredUntilSilent = 2;

/** No back-off goes beyond this (RFC 5905 section 7.2, MAXPOLL). */
const longestRoundMs = 2 ** 17 * 1000;

/** Kisses after which a server is not asked again (RFC 5905 section 7.4). */
const forGood: ReadonlySet<string> = new Set(['DENY', 'RSTR']);

export function createNtpStanding(source: string, configuredEveryMs: number): NtpStanding {
  let everyMs = configuredEveryMs;
  let state: NtpServerView['state'] = 'waiting';
  let sample: NtpSample | undefined;
  let problem: string | undefined;
  let unanswered = 0;
  /** The back-off, and the words in which the server asked for it. */
  let rest: { readonly roundMs: number; readonly problem: string } | undefined;
  let mayAsk = true;

  const roundMs = () => Math.max(everyMs, rest?.roundMs ?? 0);

  const lose = (why: 'silent' | 'refused') => {
    state = why;
    sample = undefined;
  };
  const takeSample = (fresh: NtpSample, inBurst: boolean) => {
    state = 'answering';
    if (!inBurst || !sample || fresh.delayMs < sample.delayMs) sample = fresh;
    unanswered = 0;
  };
  const takeRefusal = (kiss: string | undefined, message: string) => {
    unanswered = 0;
    mayAsk = kiss === undefined || !forGood.has(kiss);
    if (kiss === 'RATE') rest = { roundMs: Math.min(2 * roundMs(), longestRoundMs), problem: message };
    // A server that is asked too often does not say that it was wrong before.
    if (kiss !== 'RATE' || !sample) lose('refused');
  };
  const takeSilence = () => {
    unanswered += 1;
    if (!sample || unanswered >= unansweredUntilSilent) lose('silent');
  };

  return {
    take(answer, inBurst) {
      problem = answer.kind === 'time' ? undefined : answer.failure.message;
      if (answer.kind === 'time') takeSample(answer.sample, inBurst);
      else if (answer.kind === 'refused') takeRefusal(answer.kiss, answer.failure.message);
      else takeSilence();
    },
    hasReading: () => sample !== undefined,
    roundMs,
    wantsRest: () => rest !== undefined,
    setEvery(ms) {
      everyMs = ms;
    },
    mayAsk: () => mayAsk,
    forget() {
      sample = undefined;
      unanswered = 0;
      if (!mayAsk) return;
      // It is not asked for long: nobody should wait for what it says.
      state = rest ? 'refused' : 'waiting';
      problem = rest?.problem;
    },
    view: (wallAheadMs) => ({
      source,
      state,
      ...(sample && { reading: readingOf(source, sample, wallAheadMs), stratum: sample.stratum }),
      ...(problem !== undefined && { problem }),
    }),
  };
}

/** The sample's allowance for our wall clock's whole milliseconds is the one for `wallAheadMs`: the rest is monotonic. */
function readingOf(
  source: string,
  { monotonicSkewMs, uncertaintyMs, atMs }: NtpSample,
  wallAheadMs: number,
): ClockReading {
  const skewMs = monotonicSkewMs + wallAheadMs;
  return { source, kind: 'ntp', skewMs, lowMs: skewMs - uncertaintyMs, highMs: skewMs + uncertaintyMs, atMs };
}

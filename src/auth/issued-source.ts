import { type Outcome, troubled } from '../model/cause.ts';
import type { TokenDefinition } from '../model/check.ts';
import { compact } from '../model/compact.ts';
import { type Phases, targetDurationMs } from '../model/observation.ts';
import type { TokenResult } from '../model/result.ts';
import type { TokenObservation } from '../model/token.ts';
import { PermitRefused } from '../net/limiter.ts';
import { newRunId } from '../net/own-headers.ts';
import type { Timer } from '../system/clock.ts';
import type { System } from '../system/system.ts';
import type { TokenSource } from './authorizer.ts';
import type { Grant, ReceivedToken } from './grant.ts';
import { createHeldToken, type HeldToken } from './held-token.ts';
import type { Instant } from './issuer-door.ts';
import { createRefreshSchedule } from './refresh-schedule.ts';
import { type Retry, retryDelayMs, retryOf } from './retry.ts';
import { createTokenExport } from './token-export.ts';

export interface IssuedSourcePorts {
  readonly system: System;
  readonly judge: (observation: TokenObservation) => Outcome;
  readonly report: (result: TokenResult) => void;
  readonly warn: (sentence: string) => void;
}

/** After a refresh that a target's refusal has led to, further refusals lead to none for this long. */
const coolDownMs = 60_000;
/** The two clocks are held against each other this often: after a suspension the monotonic one alone would oversleep. */
const longestSleepMs = 30_000;

/** A token that an issuer grants, kept fresh by runs of its own, one at a time. */
export function createIssuedSource(ports: IssuedSourcePorts, definition: TokenDefinition, grant: Grant): TokenSource {
  const { name, exportTo } = definition;
  const { clock, random } = ports.system;
  const schedule = createRefreshSchedule(clock, definition.refresh);
  const exported = exportTo && createTokenExport(ports.system, exportTo, ports.warn);
  const stopping = new AbortController();
  const cutOff = new AbortController();
  const firstRun = Promise.withResolvers<void>();

  let held: HeldToken | undefined;
  let lastRun: Outcome | undefined;
  let failures = 0;
  let suspectedAtMs = Number.NEGATIVE_INFINITY;
  let askedAtMs: number | undefined;
  let flight: Promise<void> | undefined;
  let timer: Timer | undefined;
  /** Milliseconds until the next run, as of now; infinite when there is none before the source is made anew. */
  let dueInMs = () => 0;

  const wake = () => {
    timer?.cancel();
    if (flight || stopping.signal.aborted) return;
    const waitMs = dueInMs();
    if (waitMs <= 0) {
      flight = run().then(() => {
        flight = undefined;
        wake();
      });
    } else if (waitMs < Number.POSITIVE_INFINITY) timer = clock.after(Math.min(waitMs, longestSleepMs), wake);
  };

  const run = async () => {
    const begunAt = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
    const runId = newRunId(random);
    let phases: Phases = {};
    try {
      const attempt = await grant.attempt({ runId, stopping: stopping.signal, cutOff: cutOff.signal });
      phases = attempt.observation.phases;
      if (attempt.observation.endpoint) askedAtMs = begunAt.monotonicMs;
      lastRun = ports.judge(attempt.observation);
      if (attempt.received) await take(attempt.received, begunAt);
      else retryLater(retryOf(attempt.observation), attempt.retryAfterMs);
    } catch (error) {
      lastRun = troubleOf(error);
      retryLater('soon');
    }
    ports.report(
      compact({
        token: name,
        runId,
        startedAtMs: begunAt.wallMs,
        phases,
        durationMs: targetDurationMs(phases),
        outcome: lastRun,
        expiresAtMs: expiresAtWallMs(),
      }),
    );
    firstRun.resolve();
  };

  const take = async (received: ReceivedToken, begunAt: Instant) => {
    const fresh = createHeldToken(clock, received, definition);
    const last = { since: begunAt, askedAtMs, unit: random.unit() };
    held = fresh;
    failures = 0;
    dueInMs = () => schedule.dueInMs(fresh.lifetime(), last);
    await exported?.write(received.value);
  };

  const retryLater = (retry: Retry, askedMs = 0) => {
    failures += 1;
    if (retry === 'never') dueInMs = () => Number.POSITIVE_INFINITY;
    else {
      const nowMs = clock.monotonicMs();
      const liveForMs = (held?.current()?.expiresAtMs ?? nowMs) - nowMs;
      const atMs = nowMs + retryDelayMs(retry, { failures, unit: random.unit(), liveForMs, askedMs });
      dueInMs = () => atMs - clock.monotonicMs();
    }
  };

  const current = () => {
    const token = held?.current();
    // After a suspension the first run that asks for the token is earlier than the timer.
    if (held && !token) wake();
    return token;
  };

  const expiresAtWallMs = () => {
    const token = held?.current();
    return token?.expiresAtMs && Math.round(clock.wallMs() + token.expiresAtMs - clock.monotonicMs());
  };

  return {
    name,
    firstRun: firstRun.promise,
    current,
    authorizer: () => (current() ? held?.authorizer : undefined),
    view: () => compact({ name, ageMs: 0, generation: 0, ...held?.view(), lastRun }),
    async suspect() {
      const nowMs = clock.monotonicMs();
      // While runs fail, the back-off alone says when to ask again; a refused grant is not asked about at all.
      if (!held || flight || failures > 0 || nowMs - suspectedAtMs < coolDownMs) return 'unknown';
      suspectedAtMs = nowMs;
      dueInMs = () => 0;
      wake();
      return 'unknown';
    },
    start: wake,
    async stop(graceMs = Number.POSITIVE_INFINITY) {
      stopping.abort();
      timer?.cancel();
      const grace = clock.after(graceMs, () => cutOff.abort());
      await flight;
      grace.cancel();
      exported?.stop();
      // One that ends before it began has no first run, and nobody must wait for it.
      firstRun.resolve();
    },
  };
}

/** Why a run ended without an observation. */
function troubleOf(error: unknown): Outcome {
  if (!(error instanceof PermitRefused)) return troubled('internal', String(error));
  return error.reason === 'aborted'
    ? troubled('shutdown', 'the token run was waiting for a permit')
    : troubled('rate_limited_by_self', 'no permit came within a minute');
}

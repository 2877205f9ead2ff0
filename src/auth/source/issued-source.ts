import { type Cause, causeOf, causes, type Outcome, troubled } from '../../model/cause.ts';
import type { TokenDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import { type Phases, targetDurationMs } from '../../model/observation.ts';
import type { TokenResult } from '../../model/result.ts';
import { type SkewView, type TokenObservation, TokenStoreError } from '../../model/token.ts';
import { PermitRefused } from '../../net/limiter.ts';
import { newRunId } from '../../net/own-headers.ts';
import type { Timer } from '../../system/clock.ts';
import type { System } from '../../system/system.ts';
import type { TokenSource } from '../authorizer.ts';
import { replacedLogin } from '../grants/consent.ts';
import type { Attempt, Grant, ReceivedToken } from '../grants/grant.ts';
import type { Instant } from '../issuer/issuer-door.ts';
import type { Issuer, TokenRun } from '../issuer.ts';
import { createHeldToken, type HeldToken } from './held-token.ts';
import { createInquiry } from './inquiry.ts';
import { missingScopes } from './missing-scopes.ts';
import { createRefreshSchedule } from './refresh-schedule.ts';
import { type Retry, retryDelayMs, retryOf } from './retry.ts';
import { createSequence } from './sequence.ts';
import { createSuspicion, shortestCoolDownMs } from './suspicion.ts';
import { createTokenExport } from './token-export.ts';

export interface IssuedSourcePorts {
  readonly system: System;
  readonly skew: () => SkewView | undefined;
  readonly judge: (observation: TokenObservation) => Outcome;
  readonly report: (result: TokenResult) => void;
  readonly warn: (sentence: string) => void;
  readonly tellRest?: (sentence: string) => void;
}

/** The two clocks are held against each other this often: after a suspension the monotonic one alone would oversleep. */
const longestSleepMs = 30_000;

/** A token that an issuer grants, kept fresh by runs of its own. Runs, logins and logouts wait for each other. */
export function createIssuedSource(
  ports: IssuedSourcePorts,
  definition: TokenDefinition,
  grant: Grant,
  issuer: Pick<Issuer, 'authorizer' | 'introspect'>,
): TokenSource {
  const { name, exportTo, timeoutMs } = definition;
  const { clock, random } = ports.system;
  const schedule = createRefreshSchedule(clock, definition.refresh);
  const exported = exportTo && createTokenExport(ports.system, exportTo, ports.warn);
  const stopping = new AbortController();
  const cutOff = new AbortController();
  const begun = Promise.withResolvers<void>();
  const firstRun = Promise.withResolvers<void>();
  const inquire = createInquiry(ports.system, issuer, {
    timeoutMs,
    againAfterMs: shortestCoolDownMs,
    stopping: stopping.signal,
  });

  let held: HeldToken | undefined;
  /** The generation that was given up as dead, until there is another. */
  let dead: number | undefined;
  let lastRun: Outcome | undefined;
  let failures = 0;
  let hasBegun = false;
  let isResting = false;
  let askedAtMs: number | undefined;
  let timer: Timer | undefined;
  /** Milliseconds until the next run, as of now; infinite when there is none before a login or a reload. */
  let dueInMs = () => 0;

  const wake = () => {
    timer?.cancel();
    if (acts.isUnderWay() || stopping.signal.aborted) return;
    const waitMs = dueInMs();
    if (waitMs <= 0) void acts.run(run);
    else if (waitMs < Number.POSITIVE_INFINITY) timer = clock.after(Math.min(waitMs, longestSleepMs), wake);
  };

  const acts = createSequence(wake);

  const suspicion = createSuspicion(
    {
      held: () => held,
      current: () => current(),
      isBusy: () => acts.isUnderWay() || stopping.signal.aborted,
      isFailing: () => failures > 0,
      drop() {
        dead = held?.view().generation;
        held = undefined;
        // The service beside must not go on with it either.
        void exported?.clear();
      },
      runAt(atMs) {
        dueInMs = () => atMs - clock.monotonicMs();
        wake();
      },
    },
    compact({
      clock,
      inquire: definition.introspect ? inquire : undefined,
      warn: (sentence: string) => ports.warn(`Token ${name}: ${sentence}`),
    }),
  );

  const tokenRun = (): TokenRun => ({ runId: newRunId(random), stopping: stopping.signal, cutOff: cutOff.signal });

  const run = async () => {
    const begunAt = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
    const request = tokenRun();
    let phases: Phases = {};
    try {
      const attempt = await grant.attempt(request);
      const observation = observationOf(attempt, definition);
      phases = observation.phases;
      if (observation.endpoint) askedAtMs = begunAt.monotonicMs;
      lastRun = ports.judge(observation);
      if (attempt.received) await take(attempt.received, begunAt);
      else retryLater(retryOf(observation, causeOf(lastRun)?.code), attempt.retryAfterMs);
    } catch (error) {
      lastRun = troubleOf(error);
      retryLater('soon');
    }
    ports.report(
      compact({
        token: name,
        runId: request.runId,
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
    const { value, tokenType, generation } = received;
    const authorizer = suspicion.hearing(issuer.authorizer(value, tokenType), generation);
    const fresh = createHeldToken({ clock, skew: ports.skew }, received, authorizer);
    const last = { since: begunAt, askedAtMs, unit: random.unit() };
    held = fresh;
    dead = undefined;
    failures = 0;
    isResting = false;
    dueInMs = fresh.renewable
      ? () => schedule.dueInMs(fresh.lifetime(), last)
      : () => fresh.lifetime().expiresAtMs - clock.monotonicMs();
    await exported?.write(value);
  };

  const retryLater = (retry: Retry, askedMs = 0) => {
    failures += 1;
    if (retry === 'never') return rest();
    const nowMs = clock.monotonicMs();
    const liveForMs = (held?.current()?.expiresAtMs ?? nowMs) - nowMs;
    const atMs = nowMs + retryDelayMs(retry, { failures, unit: random.unit(), liveForMs, askedMs });
    dueInMs = () => atMs - clock.monotonicMs();
  };

  const rest = () => {
    dueInMs = () => Number.POSITIVE_INFINITY;
    const cause = lastRun && causeOf(lastRun);
    if (cause && !isResting) ports.tellRest?.(restSentence(name, cause));
    isResting = true;
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

  /** While a dead token waits for its successor; a run that has failed since says more. */
  const inactive = () =>
    dead !== undefined && failures === 0
      ? { isRevoked: suspicion.isRevoked(dead), nextInMs: Math.max(0, dueInMs()) }
      : undefined;

  /** Before the source has begun, another one may have the same tokens under way. */
  const onceBegun = async <Value>(act: () => Promise<Value>): Promise<Value> => {
    if (!hasBegun) await begun.promise;
    if (stopping.signal.aborted)
      throw new TokenStoreError(`Token ${name} was being replaced or ended; nothing was changed. Try again.`);
    return acts.run(act);
  };
  const { adopt, logout } = grant;

  return {
    name,
    firstRun: firstRun.promise,
    current,
    authorizer: () => (current() ? held?.authorizer : undefined),
    view: () => compact({ name, ageMs: 0, generation: 0, ...held?.view(), lastRun, inactive: inactive() }),
    suspect: suspicion.suspect,
    start() {
      hasBegun = true;
      begun.resolve();
      wake();
    },
    ...(adopt && {
      adopt: (login) =>
        onceBegun(async () => {
          if (await adopt(login)) ports.warn(replacedLogin(name));
          suspicion.forgive();
          failures = 0;
          isResting = false;
          await run();
        }),
    }),
    ...(logout && {
      logout: () =>
        onceBegun(async () => {
          held = undefined;
          try {
            return await logout(tokenRun());
          } finally {
            await exported?.clear();
            await run();
          }
        }),
    }),
    async stop(graceMs = Number.POSITIVE_INFINITY) {
      stopping.abort();
      begun.resolve();
      timer?.cancel();
      const grace = clock.after(graceMs, () => cutOff.abort());
      await acts.ended();
      grace.cancel();
      exported?.stop();
      // One that ends before it began has no first run, and nobody must wait for it.
      firstRun.resolve();
    },
  };
}

function observationOf({ observation, received }: Attempt, definition: TokenDefinition): TokenObservation {
  return received
    ? compact({ ...observation, missingScopes: missingScopes(definition, received.scopes) })
    : observation;
}

/** What to do about a token that time alone does not bring back. */
function restSentence(name: string, { code, detail }: Cause): string {
  return `Token ${name} is not asked for again before a login or a reload: ${code}, ${detail}. ${causes[code].action}`;
}

/** Why a run ended without an observation. */
function troubleOf(error: unknown): Outcome {
  if (!(error instanceof PermitRefused)) return troubled('internal', String(error));
  return error.reason === 'aborted'
    ? troubled('shutdown', 'the token run was waiting for a permit')
    : troubled('rate_limited_by_self', 'no permit came within a minute');
}

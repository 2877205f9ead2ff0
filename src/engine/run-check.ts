import { diagnoseRun, isUnwanted, isWell } from '../diagnosis/diagnose-run.ts';
import { secretUnavailable } from '../diagnosis/secret-unavailable.ts';
import type { SigningClock } from '../diagnosis/signing-clock.ts';
import { type Outcome, passed } from '../model/cause.ts';
import { compact } from '../model/compact.ts';
import { mapStrings } from '../model/map-strings.ts';
import { type Facts, type Observation, type Phases, targetDurationMs } from '../model/observation.ts';
import type { CheckState, Result } from '../model/result.ts';
import { isUncertain } from '../model/uncertainty.ts';
import type { Verdict } from '../model/verdict.ts';
import { createDeadline } from '../net/deadline.ts';
import { Permit, PermitRefused } from '../net/limiter.ts';
import { newRunId, ownHeaders } from '../net/own-headers.ts';
import type { RunContext } from '../probes/probe.ts';
import type { System } from '../system/system.ts';
import type { Check } from './check.ts';
import { nextState } from './check-state.ts';
import { brokenOff, permitRefused, tokenAbsent } from './not-asked.ts';
import { quotable } from './quotable.ts';
import { createRunSecrets, type RunSecrets } from './run-secrets.ts';
import { createRunToken, TokenAbsent } from './run-token.ts';
import type { Due } from './schedule.ts';

/** What a run needs from outside. */
export interface RunPorts {
  readonly system: System;
  /** Sent as `User-Agent: sonde/VERSION`. */
  readonly version: string;
  /** Aborts when the runs that are under way must end at once. */
  readonly stopping: AbortSignal;
  /** Takes every known secret out of a text. */
  mask(text: string): string;
  /** The clock that proofs are stamped by now. */
  signingClock(): SigningClock;
  /** From which share of a latency on, 0 to 1, a doubt about it marks it. */
  uncertaintyShare(): number;
}

/** What a run has come to, before it is put into a result. */
interface Finding {
  readonly phases: Phases;
  readonly uncertaintyMs: number;
  readonly facts: Facts;
  readonly verdicts: readonly Verdict[];
  readonly outcome: Outcome;
}

/**
 * The journey of one run, from due to result: permit, authorizer, probe, assertions, diagnosis. Never throws: a bug
 * becomes the cause `internal`. `state` is what the check's earlier runs add up to.
 */
export async function runCheck(check: Check, due: Due, state: CheckState, ports: RunPorts): Promise<Result> {
  const { clock, random } = ports.system;
  const startedAtMs = clock.wallMs();
  const latenessMs = Math.max(0, clock.monotonicMs() - due.awaitedMs);
  const runId = newRunId(random);

  const secrets = createRunSecrets(ports.mask);
  const finding = mapStrings(await find(check, due, runId, { ...ports, secrets }), secrets.mask);
  return {
    check: check.identity,
    runId,
    startedAtMs,
    latenessMs,
    durationMs: targetDurationMs(finding.phases),
    isUncertain: isUncertain(finding.phases, finding.uncertaintyMs, ports.uncertaintyShare()),
    ...finding,
    state: nextState(state, finding.outcome, check.definition.confirm, clock.wallMs()),
  };
}

async function find(
  check: Check,
  due: Due,
  runId: string,
  { secrets, ...ports }: RunPorts & { readonly secrets: RunSecrets },
): Promise<Finding> {
  const { token: source, definition } = check;
  if (definition.missingSecret) return nothingAsked(secretUnavailable(definition.missingSecret));
  if (source && !source.current()) return nothingAsked(tokenAbsent(source.view()));

  const { clock, random } = ports.system;
  const deadline = createDeadline(clock, definition.timeoutMs, ports.stopping);
  const token = createRunToken(source, clock, ports.signingClock);
  let queueMs = 0;
  const context: RunContext = {
    runId,
    deadline,
    async permit() {
      const queuedAtMs = clock.monotonicMs();
      deadline.pause();
      const grant = await check.budget.acquire({ signal: ports.stopping, untilMs: due.nextDueMs });
      queueMs += clock.monotonicMs() - queuedAtMs;
      if (!(grant instanceof Permit)) throw new PermitRefused(grant);
      if (source && !source.current()) {
        grant.release();
        throw new TokenAbsent();
      }
      deadline.resume();
      return grant;
    },
    async authorize(request) {
      const authorization = await token.authorize(request);
      secrets.sent(authorization.headers);
      return authorization;
    },
    heard: token.heard,
    received: secrets.received,
    conceal: secrets.mask,
    ownHeaders: () => ownHeaders(runId, { random, version: ports.version, traced: definition.trace }),
  };

  try {
    const observation = await check.probe(context);
    // What follows is not the target's time: the issuer may be asked about a token that was refused.
    deadline.close();
    const { facts, uncertaintyMs = 0 } = observation;
    const verdicts = check.assertions.map((assertion) => assertion(observation, clock.wallMs(), secrets.mask));
    const sent = token.behind(facts.status);
    const isRefused = sent && facts.status === 401 && isUnwanted(verdicts);
    const standing = isRefused ? await source?.suspect(sent.view.generation) : undefined;
    const outcome = isWell(observation, verdicts)
      ? passed
      : diagnoseRun({
          observation: quotable(observation, secrets.mask),
          verdicts,
          ...(sent && { token: compact({ ...sent, standing, needs: definition.needsScopes }) }),
        });
    return { phases: withQueue(observation, queueMs), uncertaintyMs, facts: tellable(facts), verdicts, outcome };
  } catch (error) {
    if (error instanceof TokenAbsent && source) return nothingAsked(tokenAbsent(source.view()), queueMs);
    if (error instanceof PermitRefused) return nothingAsked(permitRefused(error, check, queueMs), queueMs);
    return nothingAsked(brokenOff(error), queueMs);
  } finally {
    deadline.close();
  }
}

/** A run that is not begun: the one before is still going, say. */
export function skipCheck(check: Check, due: Due, state: CheckState, outcome: Outcome, ports: RunPorts): Result {
  const { clock, random } = ports.system;
  return {
    check: check.identity,
    runId: newRunId(random),
    startedAtMs: clock.wallMs(),
    latenessMs: Math.max(0, clock.monotonicMs() - due.awaitedMs),
    durationMs: 0,
    isUncertain: false,
    ...nothingAsked(outcome),
    state: nextState(state, outcome, check.definition.confirm, clock.wallMs()),
  };
}

function nothingAsked(outcome: Outcome, queueMs = 0): Finding {
  return { phases: queueMs > 0 ? { queue: queueMs } : {}, uncertaintyMs: 0, facts: {}, verdicts: [], outcome };
}

/** The queue as we measured it: a probe cannot see it. Shown only when the run did wait. */
function withQueue(observation: Observation, queueMs: number): Phases {
  return queueMs > 0 ? { queue: queueMs, ...observation.phases } : observation.phases;
}

/** Facts as they may leave the run: the body stays behind, and cookies are credentials. */
function tellable({ body: _, headers, ...facts }: Facts): Facts {
  if (!headers) return facts;
  return { ...facts, headers: 'set-cookie' in headers ? { ...headers, 'set-cookie': '[secret]' } : headers };
}

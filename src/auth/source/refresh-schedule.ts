import type { RefreshDefinition } from '../../model/check.ts';
import type { Clock } from '../../system/clock.ts';
import { createCron } from '../../system/cron.ts';
import type { Instant } from '../issuer/issuer-door.ts';
import type { Lifetime } from './lifetime.ts';

/** Says when a token that was had is due for its refresh. */
export interface RefreshSchedule {
  /** Milliseconds from now, negative when it is overdue. */
  dueInMs(lifetime: Lifetime, last: LastRun): number;
}

/** The run that brought a token. */
interface LastRun {
  /** When it began. */
  readonly since: Instant;
  /** Monotonic: when a run last asked the issuer; undefined when none has, since the token was had from the store. */
  readonly askedAtMs: number | undefined;
  /** A random number from 0 to 1, drawn for the refresh to come. */
  readonly unit: number;
}

/** An issuer that grants tokens of a second is not asked every second, unless `every:` says so. */
const shortestGapMs = 5000;
const shortestIntervalMs = 1000;
const defaultBeforeExpiry = 0.2;
/** The most by which jitter brings a refresh forward, as a part of the margin before expiry. */
const jitterShare = 0.25;

/**
 * `before_expiry` refreshes when that share of the token's life is left, brought forward at random by up to a quarter of
 * the margin, so that tokens had together are not refreshed together. `every:` and `cron:` can only make refreshes
 * earlier than the default share: a token never runs out because its schedule is slower than its life. Two requests
 * are 5 s apart at the least, or, for a shorter `every:`, that, down to 1 s. Throws `CronError` for an expression that validation would have refused.
 */
export function createRefreshSchedule(clock: Clock, refresh: RefreshDefinition): RefreshSchedule {
  const beforeExpiry = 'beforeExpiry' in refresh ? refresh.beforeExpiry : defaultBeforeExpiry;
  const ownDueInMs = ownSchedule(clock, refresh);
  const leastGapMs =
    'everyMs' in refresh ? Math.max(shortestIntervalMs, Math.min(shortestGapMs, refresh.everyMs)) : shortestGapMs;

  return {
    dueInMs({ obtainedAtMs, expiresAtMs }, { since, askedAtMs = Number.NEGATIVE_INFINITY, unit }) {
      const marginMs = (expiresAtMs - obtainedAtMs) * beforeExpiry;
      const byLifeMs = expiresAtMs - marginMs * (1 + jitterShare * unit) - clock.monotonicMs();
      const gapMs = askedAtMs + leastGapMs - clock.monotonicMs();
      return Math.max(gapMs, Math.min(byLifeMs, ownDueInMs(since)));
    },
  };
}

/** When `every:` or `cron:` want the next refresh, in milliseconds from now. */
function ownSchedule(clock: Clock, refresh: RefreshDefinition): (since: Instant) => number {
  if ('everyMs' in refresh) return (since) => since.monotonicMs + refresh.everyMs - clock.monotonicMs();
  if (!('cron' in refresh)) return () => Number.POSITIVE_INFINITY;
  const cron = createCron(refresh.cron, refresh.timezone);
  // Asked again each time, so it follows the wall clock through its steps.
  return (since) => (cron.nextAfterMs(since.wallMs) ?? Number.POSITIVE_INFINITY) - clock.wallMs();
}

import { type Clock, sleep } from '../../system/clock.ts';
import { isFailing } from '../issuer/failing-status.ts';
import type { DeviceAuthorization, Issuer, IssuerAnswer, TokenRun } from '../issuer.ts';
import { endOfLogin, type LoginEnd } from './login-end.ts';

/** What a person has to do, and until when. */
export interface DeviceLogin {
  readonly authorization: DeviceAuthorization;
  /** When the codes end, in monotonic milliseconds. */
  readonly endsAtMs: number;
}

/** What `slow_down` adds to the interval, for this and all later requests (RFC 8628 section 3.5). */
const slowDownMs = 5_000;
const longestIntervalMs = 60_000;

/**
 * Asks for the token until the person has decided, the codes have ended, or `run.stopping` (RFC 8628 sections 3.4 and
 * 3.5). An issuer that does not answer is asked half as often each time, and not given up; one that names a time by
 * `Retry-After` is not asked before. Throws `PermitRefused`.
 */
export async function finishDeviceLogin(
  { issuer, clock }: { readonly issuer: Pick<Issuer, 'request' | 'dpopKey'>; readonly clock: Clock },
  { authorization: { deviceCode, intervalMs: firstIntervalMs }, endsAtMs }: DeviceLogin,
  run: TokenRun,
): Promise<LoginEnd> {
  let intervalMs = firstIntervalMs;
  let askedToWaitMs = 0;
  for (;;) {
    const waitMs = Math.max(intervalMs, askedToWaitMs);
    await sleep(clock, Math.min(waitMs, endsAtMs - clock.monotonicMs()), run.stopping);
    if (run.stopping.aborted) return { kind: 'stopped' };
    if (clock.monotonicMs() >= endsAtMs) return { kind: 'late' };
    const answer = await issuer.request(run, { grant: 'device_code', deviceCode });
    const next = nextOf(answer);
    if (next === 'end') return endOfLogin(issuer, answer);
    if (next === 'late') return { kind: 'late' };
    askedToWaitMs = answer.retryAfterMs ?? 0;
    if (next === 'slower') intervalMs += slowDownMs;
    if (next === 'unanswered') intervalMs = Math.max(intervalMs, Math.min(2 * intervalMs, longestIntervalMs));
  }
}

function nextOf({ access, observation }: IssuerAnswer): 'end' | 'late' | 'again' | 'slower' | 'unanswered' {
  const { error, failure, status = 0 } = observation;
  if (access) return 'end';
  if (error === 'slow_down') return 'slower';
  if (failure || isFailing(status)) return 'unanswered';
  if (error === 'authorization_pending') return 'again';
  return error === 'expired_token' ? 'late' : 'end';
}

import { type CauseCode, causeOf, type Outcome, troubled } from '../model/cause.ts';
import type { TokenView } from '../model/token.ts';
import type { PermitRefused } from '../net/limiter.ts';
import type { Check } from './check.ts';

/** A run that had no token to send, and why there is none. */
export function tokenAbsent(token: TokenView): Outcome {
  const { why, code } = behindAbsence(token);
  return troubled('token_absent', `token ${token.name} is not there to be sent; ${why}`, {
    token: token.name,
    ...(code && { token_cause: code }),
  });
}

function behindAbsence({ inactive, lastRun }: TokenView): { readonly why: string; readonly code?: CauseCode } {
  if (inactive) {
    const { isRevoked, nextInMs } = inactive;
    const next =
      nextInMs > 0 ? `the next is asked for in ${Math.ceil(nextInMs / 1000)} s` : 'the next is being asked for';
    return isRevoked
      ? { why: `its issuer says that it was revoked, and ${next}`, code: 'token_revoked' }
      : { why: `its issuer says that it is not active any more, and ${next}` };
  }
  const cause = lastRun && causeOf(lastRun);
  return cause
    ? { why: `its last run ended in ${cause.code}: ${cause.detail}`, code: cause.code }
    : { why: 'it has had no run that ended well yet' };
}

/** A run that got no permit, after it waited for `queueMs`. */
export function permitRefused({ reason }: PermitRefused, { budget }: Check, queueMs: number): Outcome {
  if (reason === 'aborted') return troubled('shutdown', 'sonde stopped while the run waited for a permit');
  return troubled(
    'rate_limited_by_self',
    `budget ${budget.name} had no permit before the next run was due (waited ${Math.round(queueMs)} ms)`,
    { budget: budget.name, waited_ms: Math.round(queueMs), waiting: budget.waiting() },
  );
}

/** A run that met a bug of ours. */
export function brokenOff(error: unknown): Outcome {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return troubled('internal', message, { stack });
}

import { causeOf, type Outcome } from '../../model/cause.ts';
import type { TokenObservation } from '../../model/token.ts';
import { PermitRefused } from '../../net/limiter.ts';
import type { Clock } from '../../system/clock.ts';
import type { LogoutReport } from '../authorizer.ts';
import type { Issuer, TokenRun } from '../issuer.ts';
import type { KeptToken, RefreshTokenFamily } from './refresh-token-family.ts';

export interface LogoutPorts {
  readonly clock: Clock;
  /** Says what an observation comes to. */
  readonly judge: (observation: TokenObservation) => Outcome;
}

/**
 * Revokes the tokens of an opened family (RFC 7009), the refresh token before the access token, and ends the family
 * whatever the issuer says; also one whose logout an earlier process has begun. Throws `TokenStoreError` when that cannot
 * be stored.
 */
export function logOut(
  { clock, judge }: LogoutPorts,
  issuer: Pick<Issuer, 'revoke'>,
  family: RefreshTokenFamily,
  run: TokenRun,
): Promise<LogoutReport> {
  const revoke = async ({ token, hint }: KeptToken): Promise<LogoutReport> => {
    try {
      const answer = await issuer.revoke(run, token, hint);
      if (answer.kind !== 'failed') return { revocation: answer.kind };
      return failed(hint, causeOf(judge(answer.observation))?.detail);
    } catch (error) {
      if (!(error instanceof PermitRefused)) throw error;
      return failed(hint, 'no permit came');
    }
  };

  return family.alone(async () => {
    const reports: LogoutReport[] = [];
    for (const kept of await family.leave(clock.wallMs())) reports.push(await revoke(kept));
    await family.forget();
    return worstOf(reports);
  });
}

function failed(hint: KeptToken['hint'], reason: string | undefined): LogoutReport {
  return { revocation: 'failed', problem: `The issuer did not revoke the ${hint.replace('_', ' ')}: ${reason}.` };
}

/** What is revoked in part counts as revoked when the rest ends by itself. */
const worstFirst = ['failed', 'revoked', 'unsupported'] as const;

function worstOf(reports: readonly LogoutReport[]): LogoutReport {
  const worst = worstFirst.flatMap((kind) => reports.filter(({ revocation }) => revocation === kind))[0];
  return worst ?? { revocation: 'nothing' };
}

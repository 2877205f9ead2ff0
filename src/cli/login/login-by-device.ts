import { finishDeviceLogin } from '../../auth/login/login-by-device.ts';
import type { LoginEnd } from '../../auth/login/login-end.ts';
import { printable } from '../../model/printable.ts';
import { startCountdown } from './countdown.ts';
import type { LoginAttempt } from './login-attempt.ts';

/** By a code that the person enters on any device (RFC 8628). */
export async function loginByDevice({ person, system: { clock }, issuer, run }: LoginAttempt): Promise<LoginEnd> {
  const startedAtMs = clock.monotonicMs();
  const authorization = await issuer.deviceAuthorization(run);
  if ('observation' in authorization) return { kind: 'refused', observation: authorization.observation };
  const { userCode, verificationUri, verificationUriComplete, expiresInMs } = authorization;
  const endsAtMs = startedAtMs + expiresInMs;
  const { out } = person.output;
  out(`Open this address on any device:\n\n  ${printable(verificationUri)}\n\n`);
  out(`and enter this code:\n\n  ${printable(userCode)}\n\n`);
  if (verificationUriComplete !== undefined)
    out(`This address has the code in it already:\n\n  ${printable(verificationUriComplete)}\n\n`);
  const countdown = startCountdown({ ...person, clock }, 'The code', endsAtMs);
  try {
    return await finishDeviceLogin({ issuer, clock }, { authorization, endsAtMs }, run);
  } finally {
    countdown.stop();
  }
}

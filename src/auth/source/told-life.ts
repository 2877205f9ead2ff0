import { parseHttpDate } from '../../model/http-date.ts';
import type { Secret } from '../../model/secret.ts';
import { defaultLifeMs } from './lifetime.ts';
import { timeClaims } from './time-claims.ts';

/**
 * What an access token is told to live from when it was asked for, in milliseconds: the shorter of what its issuer says
 * (`expires_in`; an hour is assumed without it) and, where it is a JWT, what its own claims say (RFC 9068 section 2.2).
 * `exp` counts from `iat`, which the same clock has written, or else from `date`, the answer's own: this host's clock
 * plays no part. Undefined when the hour that is assumed is the shorter.
 */
export function toldLifeMs(token: Secret, expiresInMs: number | undefined, date?: string): number | undefined {
  const { exp = Number.NaN, iat = (parseHttpDate(date) ?? Number.NaN) / 1000 } = timeClaims(token.reveal()) ?? {};
  const ownMs = (exp - iat) * 1000;
  // Claims by which it would never have lived are of no use.
  return ownMs > 0 && ownMs < (expiresInMs ?? defaultLifeMs) ? ownMs : expiresInMs;
}

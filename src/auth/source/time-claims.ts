import { compact } from '../../model/compact.ts';
import type { TimeClaims } from '../../model/token.ts';
import { jwtPayload } from '../jwt-payload.ts';

/**
 * The claims of time of an access token that is a JWT (RFC 9068 section 2.2), unverified: good enough to explain why a
 * target refused it. Undefined for an opaque token.
 */
export function timeClaims(token: string): TimeClaims | undefined {
  const payload = jwtPayload(token);
  if (!payload) return undefined;
  const { nbf, iat, exp } = payload;
  return compact({ nbf: seconds(nbf), iat: seconds(iat), exp: seconds(exp) });
}

function seconds(claim: unknown): number | undefined {
  return typeof claim === 'number' ? claim : undefined;
}

import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, errors, type JWTPayload, jwtVerify } from 'jose';

/** What a proof has to fit (RFC 9449 section 4.3). */
export interface ProofDemand {
  readonly method: string;
  readonly url: URL;
  readonly token: string;
  /** Of the key that the token is bound to (RFC 7638). */
  readonly thumbprint: string;
  /** Absent where none is asked for. */
  readonly nonce?: string;
}

/** `nonce`: with that one all would be well. */
export type ProofJudgement = 'good' | { readonly nonce: string } | { readonly problem: string };

/** How far a proof's `iat` may be from the clock here, either way. */
const toleranceSeconds = 60;

const seconds = () => Date.now() / 1000;

function problemIn(claims: JWTPayload, demand: ProofDemand): string | undefined {
  const asked = `${demand.url.origin}${demand.url.pathname}`;
  const hash = createHash('sha256').update(demand.token).digest('base64url');
  if (claims.htm !== demand.method) return 'htm is of another method';
  if (claims.htu !== asked) return 'htu is another address';
  if (claims.ath !== hash) return 'ath is of another token';
  if (claims.iat === undefined || Math.abs(claims.iat - seconds()) > toleranceSeconds) return 'iat is not of now';
  return undefined;
}

/** Judges DPoP proofs as a resource server does; each is taken once. */
export function createProofJudge(): (proof: string, demand: ProofDemand) => Promise<ProofJudgement> {
  const seen = new Map<string, number>();

  const isFirst = ({ jti = '', iat = 0 }: JWTPayload) => {
    for (const [id, at] of seen) if (at < seconds() - toleranceSeconds) seen.delete(id);
    if (jti === '' || seen.has(jti)) return false;
    seen.set(jti, iat);
    return true;
  };

  return async (proof, demand) => {
    try {
      const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
        typ: 'dpop+jwt',
        algorithms: ['ES256', 'EdDSA'],
      });
      const { jwk } = protectedHeader;
      if (!jwk || 'd' in jwk) return { problem: 'jwk is no public key' };
      if ((await calculateJwkThumbprint(jwk)) !== demand.thumbprint)
        return { problem: 'it is signed with another key' };
      const problem = problemIn(payload, demand);
      if (problem !== undefined) return { problem };
      const { nonce } = demand;
      if (nonce !== undefined && payload.nonce !== nonce) return { nonce };
      return isFirst(payload) ? 'good' : { problem: 'it was shown before' };
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      return { problem: error.message };
    }
  };
}

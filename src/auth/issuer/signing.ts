import { compact } from '../../model/compact.ts';
import type { SignedClaims, SkewView } from '../../model/token.ts';
import type { System } from '../../system/system.ts';
import type { JwsKey } from './signing-key.ts';

export interface SigningPorts {
  readonly system: Pick<System, 'clock' | 'random'>;
  readonly skew: () => SkewView | undefined;
  readonly correctsAssertions: () => boolean;
}

/** What is to be signed; `iat` and `jti` are added, and `nbf` and `exp` where it has a life of its own. */
export interface Signable {
  readonly kind: SignedClaims['kind'];
  readonly key: JwsKey;
  /** `typ` and further members of the header. */
  readonly header: { readonly typ: string; readonly jwk?: object };
  readonly claims: Readonly<Record<string, unknown>>;
  readonly lifetimeMs?: number;
}

export interface SignedJwt {
  readonly jwt: string;
  readonly stamps: SignedClaims;
}

export type Sign = (signable: Signable) => Promise<SignedJwt>;

/**
 * Signs JWTs (RFC 7515, RFC 7519), stamped with this host's time, or with true time as far as it is known where the
 * configuration asks for that.
 */
export function createSign({ system, skew, correctsAssertions }: SigningPorts): Sign {
  const { clock, random } = system;
  const nowMs = () => clock.wallMs() - (correctsAssertions() ? (skew()?.skewMs ?? 0) : 0);
  return async ({ kind, key, header, claims, lifetimeMs }) => {
    const iat = Math.floor(nowMs() / 1000);
    const life = lifetimeMs === undefined ? {} : { nbf: iat, exp: iat + Math.ceil(lifetimeMs / 1000) };
    const stamps = { iat, ...life };
    const jti = random.bytes(16).toString('base64url');
    // Most clients sign nothing, and should not wait for the library at start.
    const { SignJWT } = await import('jose/jwt/sign');
    const jwt = await new SignJWT({ ...claims, ...stamps, jti })
      .setProtectedHeader(compact({ alg: key.algorithm, kid: key.keyId, ...header }))
      .sign(key.key);
    return { jwt, stamps: { kind, ...stamps } };
  };
}

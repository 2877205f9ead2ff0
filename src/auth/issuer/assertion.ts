import type { AssertionDefinition, TokenDefinition } from '../../model/check.ts';
import type { Occasion } from './client-authentication.ts';
import { readSigningKey } from './signing-key.ts';

/** Gives the assertion that one token request of the grant jwt_bearer shows (RFC 7523 section 2.1). */
export type MakeAssertion = (occasion: Occasion) => Promise<string>;

/** Throws `TypeError` when there is neither a ready assertion nor a key to sign one with. */
export function createAssertion({ assertion, signingKey, clientId }: TokenDefinition): MakeAssertion {
  if (!assertion) throw new TypeError('jwt_bearer needs an assertion');
  if ('ready' in assertion) return async () => assertion.ready.reveal();
  if (!signingKey) throw new TypeError('an assertion that is signed here needs a private key');
  const key = readSigningKey(signingKey);
  return ({ issuer, sign }) => {
    const claims = { ...assertion.claims, ...parties(assertion, clientId), aud: assertion.audience ?? issuer };
    return sign({ kind: 'assertion', key, header: { typ: 'JWT' }, claims, lifetimeMs: assertion.lifetimeMs });
  };
}

/** Who made the assertion, and whom it speaks of. */
function parties({ issuer, subject }: Exclude<AssertionDefinition, { ready: unknown }>, clientId: string | undefined) {
  const iss = issuer ?? clientId;
  return { iss, sub: subject ?? iss };
}

import { compact } from '../../model/compact.ts';
import type { Secret } from '../../model/secret.ts';
import type { Authorizer } from '../authorizer.ts';
import type { Sign } from '../issuer/signing.ts';
import { type Presentation, presentedHeaders } from './bearer.ts';
import type { Dpop } from './dpop.ts';
import type { DpopNonces } from './dpop-nonces.ts';

export interface DpopPresenterPorts {
  readonly dpop: Dpop;
  readonly sign: Sign;
  /** Those that targets gave: they outlive a token. */
  readonly nonces: DpopNonces;
}

/**
 * Presents a token that is bound to a key (RFC 9449 section 7): by the scheme DPoP, or as it is in a header of its own,
 * and with a proof made for each request. `heard` looks requests up by their URL object, so the one that was authorized
 * must be handed to it.
 */
export function createDpopPresenter(
  token: Secret,
  presentation: Presentation,
  { dpop, sign, nonces }: DpopPresenterPorts,
): Authorizer {
  const sentNonces = new WeakMap<URL, string | undefined>();
  return {
    proofKey: dpop.ownKey,
    async authorize({ url, method }) {
      const headers = presentedHeaders(token, presentation, url, 'DPoP');
      if (Object.keys(headers).length === 0) return { headers };
      const nonce = nonces.of(url);
      sentNonces.set(url, nonce);
      const { jwt, stamps } = await dpop.prove(compact({ url, method, accessToken: token, nonce }), sign);
      return { headers: { ...headers, dpop: jwt }, signed: stamps };
    },
    heard({ url }, { status, headers }) {
      const nonce = nonces.hear(url, headers);
      const asked = status === 401 && /\buse_dpop_nonce\b/.test(headers['www-authenticate'] ?? '');
      return asked && nonce !== undefined && nonce !== sentNonces.get(url) ? 'again' : 'done';
    },
  };
}

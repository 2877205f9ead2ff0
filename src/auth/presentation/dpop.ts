import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { DpopDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import { Secret } from '../../model/secret.ts';
import type { Random } from '../../system/random.ts';
import type { Sign, SignedJwt } from '../issuer/signing.ts';
import { readSigningKey } from '../issuer/signing-key.ts';

/** The request that a proof is for. */
export interface ProvedRequest {
  readonly method: string;
  readonly url: URL;
  /** The token that the request presents; none at the token endpoint. */
  readonly accessToken?: Secret;
  readonly nonce?: string;
}

/** Proves that requests come from who holds a private key (RFC 9449). */
export interface Dpop {
  /** The value of the header `DPoP` for one request. */
  prove(request: ProvedRequest, sign: Sign): Promise<SignedJwt>;
  /** Of the public key (RFC 7638), for `dpop_jkt`. */
  thumbprint(): Promise<string>;
  /** The private JWK, where the configuration names none. */
  ownKey(): Promise<Secret | undefined>;
  /** Goes on with a key that `ownKey` gave earlier. Throws `TypeError` for a text that is no private key. */
  useKey(key: Secret): void;
}

interface ProofKey {
  readonly key: KeyObject;
  readonly algorithm: string;
  readonly publicJwk: object;
}

/** A key is made when the first proof is due. Throws `TypeError` when the configured one is none. */
export function createDpop(definition: DpopDefinition, random: Pick<Random, 'keyPair'>): Dpop {
  let known: Promise<ProofKey> | undefined = definition.key && Promise.resolve(readProofKey(definition.key));
  const key = () => {
    known ??= makeKey(definition.algorithm, random);
    return known;
  };
  return {
    async prove({ method, url, accessToken, nonce }, sign) {
      const { publicJwk, ...signing } = await key();
      return sign({
        kind: 'dpop_proof',
        key: signing,
        header: { typ: 'dpop+jwt', jwk: publicJwk },
        claims: compact({
          htm: method,
          htu: url.origin + url.pathname,
          nonce,
          ath: accessToken && createHash('sha256').update(accessToken.reveal()).digest('base64url'),
        }),
      });
    },
    async thumbprint() {
      const { publicJwk } = await key();
      const { calculateJwkThumbprint } = await import('jose/jwk/thumbprint');
      return calculateJwkThumbprint(publicJwk);
    },
    async ownKey() {
      if (definition.key) return undefined;
      const own = await key();
      return new Secret(JSON.stringify(own.key.export({ format: 'jwk' })));
    },
    useKey(stored) {
      if (!definition.key) known = Promise.resolve(readProofKey(stored));
    },
  };
}

function readProofKey(secret: Secret): ProofKey {
  const { key, algorithm } = readSigningKey({ key: secret });
  return { key, algorithm, publicJwk: createPublicKey(key).export({ format: 'jwk' }) };
}

async function makeKey(algorithm: DpopDefinition['algorithm'], random: Pick<Random, 'keyPair'>): Promise<ProofKey> {
  const { privateKey, publicKey } = await random.keyPair(algorithm === 'EdDSA' ? 'Ed25519' : 'P-256');
  return { key: privateKey, algorithm, publicJwk: publicKey.export({ format: 'jwk' }) };
}

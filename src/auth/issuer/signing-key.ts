import type { KeyObject } from 'node:crypto';
import type { SigningKey } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import { algorithmsOf, describeKey, readPrivateKey } from '../../model/private-key.ts';

/** A key, and what the header of a JWT that it signs says of it. */
export interface JwsKey {
  readonly key: KeyObject | Uint8Array;
  /** For example `ES256`. */
  readonly algorithm: string;
  readonly keyId?: string;
}

/**
 * Reads a private key, PEM or JWK, that is to sign JWTs. Throws `TypeError` for a text that is none, and for a key that
 * the algorithm does not fit; the message holds nothing of the key.
 */
export function readSigningKey({ key, keyId, algorithm }: SigningKey): JwsKey & { readonly key: KeyObject } {
  const read = readPrivateKey(key.reveal());
  if ('fault' in read) throw new TypeError(`the private key ${read.fault}`);
  const fitting = algorithmsOf(read.key);
  const wanted = algorithm ?? read.algorithm ?? fitting[0] ?? 'no JWS algorithm';
  if (!fitting.includes(wanted))
    throw new TypeError(`a private key that is ${describeKey(read.key)} cannot sign by ${wanted}`);
  return compact({ key: read.key, algorithm: wanted, keyId: keyId ?? read.keyId });
}

import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

/** A private key that nobody can guess, and its public half. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The only source of randomness. */
export interface Random {
  /** A number from 0 up to, but not including, 1: for jitter, never for secrets. */
  unit(): number;
  /** Unguessable bytes. */
  bytes(count: number): Buffer;
  /** A new key, to sign with. */
  keyPair(curve: 'P-256' | 'Ed25519'): Promise<KeyPair>;
}

const makeKeyPair = promisify(generateKeyPair);

export function createRandom(): Random {
  return {
    unit: () => Math.random(),
    bytes: (count) => randomBytes(count),
    keyPair: (curve) => (curve === 'Ed25519' ? makeKeyPair('ed25519') : makeKeyPair('ec', { namedCurve: 'P-256' })),
  };
}

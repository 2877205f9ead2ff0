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

/** To ask OpenSSL for a run's few bytes costs as much as to ask it for all of these. */
const drawnAtOnce = 4096;

/** Bytes of one large draw, a few at a time. What was handed out stands nowhere else any more. */
function createByteSupply(): (count: number) => Buffer {
  let drawn = Buffer.alloc(0);
  return (count) => {
    if (count > drawnAtOnce) return randomBytes(count);
    if (count > drawn.length) drawn = randomBytes(drawnAtOnce);
    const bytes = Buffer.from(drawn.subarray(0, count));
    drawn.fill(0, 0, count);
    drawn = drawn.subarray(count);
    return bytes;
  };
}

export function createRandom(): Random {
  return {
    unit: () => Math.random(),
    bytes: createByteSupply(),
    keyPair: (curve) => (curve === 'Ed25519' ? makeKeyPair('ed25519') : makeKeyPair('ec', { namedCurve: 'P-256' })),
  };
}

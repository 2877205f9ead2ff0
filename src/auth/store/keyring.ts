import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { Secret } from '../../model/secret.ts';
import { parseStateKey, type StateEncryption, stateKeyExpectation } from '../../model/state-encryption.ts';
import type { Random } from '../../system/random.ts';

/** A text that only who has the key can read, and nobody without it can change unnoticed. Nonce and ciphertext are base64. */
export interface Sealed {
  /** Which key it takes: a short fingerprint, which tells nothing of the key. */
  readonly keyId: string;
  readonly nonce: string;
  /** With the authentication tag at its end. */
  readonly ciphertext: string;
}

/** Seals and opens with AES-256-GCM (NIST SP 800-38D), under a fresh nonce each time. */
export interface Keyring {
  /** The key that seals. */
  readonly keyId: string;
  /** All keys that open. */
  readonly keyIds: readonly string[];
  seal(text: string): Sealed;
  /** Undefined when there is no such key, or it was not sealed by it, or not for this purpose, or has been changed since. */
  open(sealed: Sealed): string | undefined;
}

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** `purpose` keeps apart what is sealed by one key for several ends. Throws `RangeError` for a text that is no key. */
export function createKeyring(
  { key, oldKeys }: StateEncryption,
  purpose: string,
  random: Pick<Random, 'bytes'>,
): Keyring {
  const keyId = idOf(bytesOf(key));
  const keys = new Map([key, ...oldKeys].map(bytesOf).map((bytes) => [idOf(bytes), bytes]));
  const bound = Buffer.from(purpose);
  return {
    keyId,
    keyIds: [...keys.keys()],
    seal(text) {
      const nonce = random.bytes(nonceBytes);
      const sealing = createCipheriv(cipher, bytesOf(key), nonce, { authTagLength: tagBytes }).setAAD(bound);
      const ciphertext = Buffer.concat([sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()]);
      return { keyId, nonce: nonce.toString('base64'), ciphertext: ciphertext.toString('base64') };
    },
    open(sealed) {
      const bytes = keys.get(sealed.keyId);
      const whole = Buffer.from(sealed.ciphertext, 'base64');
      if (!bytes) return undefined;
      try {
        const nonce = Buffer.from(sealed.nonce, 'base64');
        const opening = createDecipheriv(cipher, bytes, nonce, { authTagLength: tagBytes }).setAAD(bound);
        opening.setAuthTag(whole.subarray(-tagBytes));
        return opening.update(whole.subarray(0, -tagBytes), undefined, 'utf8') + opening.final('utf8');
      } catch {
        return undefined;
      }
    },
  };
}

function bytesOf(key: Secret): Buffer {
  const bytes = parseStateKey(key.reveal());
  if (!bytes) throw new RangeError(`a key of the state folder is none; ${stateKeyExpectation}`);
  return bytes;
}

function idOf(bytes: Buffer): string {
  return createHmac('sha256', bytes).update('sonde key id').digest('hex').slice(0, 8);
}

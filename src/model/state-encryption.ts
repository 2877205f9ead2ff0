import type { Secret } from './secret.ts';

/** The keys that the state folder's secrets are encrypted with at rest. */
export interface StateEncryption {
  /** Encrypts all that is written. */
  readonly key: Secret;
  /** Only read: what an earlier key has encrypted. */
  readonly oldKeys: readonly Secret[];
}

export const stateKeyExpectation =
  'expected 32 bytes in base64 or hexadecimal, as `openssl rand -base64 32` prints them';

/** The 32 bytes that a text in hexadecimal, base64 or base64url stands for; undefined when it stands for no key. */
export function parseStateKey(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  return /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}

import { createHmac } from 'node:crypto';
import type { Secret } from '../../model/secret.ts';

/** HMAC-SHA-256 as hexadecimal: equal for equal text, and without the key no help in guessing it. */
export function tokenFingerprint(key: Buffer, secret: Secret): string {
  return createHmac('sha256', key).update(secret.reveal()).digest('hex');
}

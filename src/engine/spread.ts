import { createHash } from 'node:crypto';

/** A number from 0 up to, but not including, 1 that belongs to a name: the same on every host and after every restart. */
export function spreadOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE() / 2 ** 32;
}

import { randomBytes } from 'node:crypto';

/** The only source of randomness. */
export interface Random {
  /** A number from 0 up to, but not including, 1: for jitter, never for secrets. */
  unit(): number;
  /** Unguessable bytes. */
  bytes(count: number): Buffer;
}

export function createRandom(): Random {
  return { unit: () => Math.random(), bytes: (count) => randomBytes(count) };
}

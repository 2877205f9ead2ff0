import type { SecretStanding } from '../model/secret-standing.ts';
import type { Instruments } from './instruments.ts';

/** The series of references to files and to Vault. */
export interface SecretSeries {
  /** Shows how they stand, and nothing of those before. */
  show(standings: readonly SecretStanding[]): void;
}

export function createSecretSeries({ gauge, counter }: Instruments): SecretSeries {
  const available = gauge('sonde_secret_available');
  const failures = counter('sonde_secret_failures_total');
  return {
    show(standings) {
      available.reset();
      failures.reset();
      for (const { reference, state, failures: counts } of standings) {
        available.set({ reference }, state === 'current' ? 1 : 0);
        for (const [reason, count] of Object.entries(counts)) failures.inc({ reference, reason }, count);
      }
    },
  };
}

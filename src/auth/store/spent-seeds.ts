import type { StoredToken } from '../../model/token.ts';

/** Whether one of the records knows the first refresh token of that fingerprint as spent. */
export function anySpent(records: Iterable<StoredToken>, seedFingerprint: string): boolean {
  for (const { spentSeeds = [], others = [] } of records)
    if (spentSeeds.includes(seedFingerprint) || anySpent(others, seedFingerprint)) return true;
  return false;
}

import { isDeepStrictEqual } from 'node:util';
import type { CheckIdentity } from '../model/result.ts';
import { toldLabels } from './told-labels.ts';

/**
 * Whether a check is still the same after a reload, so that what was learned of it still holds. Another interval does
 * not make it another check; another kind, target or set of labels does.
 */
export function isSameIdentity(before: CheckIdentity, after: CheckIdentity): boolean {
  return (
    before === after ||
    (before.name === after.name &&
      before.kind === after.kind &&
      before.target === after.target &&
      isDeepStrictEqual(toldLabels(before), toldLabels(after)))
  );
}

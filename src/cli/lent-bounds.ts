import type { CheckDefinition } from '../model/check.ts';
import { probeKinds } from '../probes/index.ts';
import type { BorrowedToken } from './borrowed-source.ts';

/**
 * What is wrong with checks that would take a borrowed token where its daemon may not: a sentence for each, as for those
 * that break a `send_to` of their own configuration.
 */
export function beyondLentBounds(
  checks: readonly CheckDefinition[],
  borrowed: ReadonlyMap<string, BorrowedToken>,
): readonly string[] {
  return checks.flatMap(({ name, kind, spec, token = '', missingSecret }) => {
    const { sendTo = [] } = borrowed.get(token) ?? {};
    if (sendTo.length === 0 || missingSecret) return [];
    const target = probeKinds.find((each) => each.kind === kind)?.target(spec);
    if (!target || sendTo.includes(target.origin ?? '')) return [];
    const where = target.origin ?? target.display;
    return [
      `checks.${name}.token: "${token}" may not be sent to ${where}; the send_to of the daemon that lends it has ${sendTo.join(', ')}.`,
    ];
  });
}

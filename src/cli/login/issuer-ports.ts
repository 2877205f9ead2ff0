import type { IssuerPorts } from '../../auth/issuer.ts';
import type { Doors } from '../../doors.ts';
import type { SkewView } from '../../model/token.ts';
import { ownHeaders } from '../../net/own-headers.ts';
import type { System } from '../../system/system.ts';
import { version } from '../../version.ts';
import type { ChosenToken } from './chosen-token.ts';

/**
 * What a command speaks to one issuer with, through the budget that the configuration gives the token. `skew` is what
 * others have measured.
 */
export function createIssuerPorts(
  system: System,
  { limiter, http, masker }: Doors,
  { loaded: { configuration, secrets }, definition }: ChosenToken,
  skew: SkewView | undefined,
): IssuerPorts {
  for (const secret of secrets) masker.add(secret);
  limiter.configure(configuration.budgets);
  return {
    system,
    http,
    budget: limiter.budget(definition.budget),
    ownHeaders: (runId) => ownHeaders(runId, { random: system.random, version, traced: true }),
    mask: masker.mask,
    skew: () => skew,
    correctsAssertions: () => configuration.clock.correctAssertions,
  };
}

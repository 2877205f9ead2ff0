import type { IssuerPorts } from '../auth/issuer.ts';
import type { Doors } from '../doors.ts';
import { ownHeaders } from '../net/own-headers.ts';
import type { System } from '../system/system.ts';
import { version } from '../version.ts';
import type { ChosenToken } from './chosen-token.ts';

/** What a command speaks to one issuer with, through the budget that the configuration gives the token. */
export function createIssuerPorts(
  system: System,
  { limiter, http, masker }: Doors,
  { loaded: { configuration, secrets }, definition }: ChosenToken,
): IssuerPorts {
  for (const secret of secrets) masker.add(secret);
  limiter.configure(configuration.budgets);
  return {
    system,
    http,
    budget: limiter.budget(definition.budget),
    ownHeaders: (runId) => ownHeaders(runId, { random: system.random, version, traced: true }),
    mask: masker.mask,
    // A command is over before a clock could be measured.
    skew: () => undefined,
    correctsAssertions: () => false,
  };
}

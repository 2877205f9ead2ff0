import type { IssuerPorts } from '../auth/issuer.ts';
import type { Secret } from '../model/secret.ts';
import { createHttpClient } from '../net/http-client.ts';
import { createLimiter } from '../net/limiter.ts';
import { ownHeaders } from '../net/own-headers.ts';
import { createResolver } from '../net/resolve.ts';
import { createMasker } from '../secrets/mask.ts';
import type { System } from '../system/system.ts';
import { version } from '../version.ts';
import type { ChosenToken } from './chosen-token.ts';

/** What a command speaks to one issuer with. */
export interface CommandIssuerPorts extends IssuerPorts {
  /** Hides a secret from now on in all that is shown. */
  hide(secret: Secret): void;
}

/** Through the budget that the configuration gives the token; what it opens is closed with `open`. */
export function createIssuerPorts(
  system: System,
  { loaded: { configuration, secrets }, definition }: ChosenToken,
  open: AsyncDisposableStack,
): CommandIssuerPorts {
  const masker = createMasker();
  for (const secret of secrets) masker.add(secret);
  const http = createHttpClient(system, createResolver(system));
  open.defer(() => http.close());
  return {
    system,
    http,
    budget: createLimiter(system.clock, configuration.budgets).budget(definition.budget),
    ownHeaders: (runId) => ownHeaders(runId, { random: system.random, version, traced: true }),
    mask: masker.mask,
    hide: masker.add,
    // A command is over before a clock could be measured.
    skew: () => undefined,
    correctsAssertions: () => false,
  };
}

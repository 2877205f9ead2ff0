import { vaultBudgetName } from './model/vault.ts';
import type { HttpClient } from './net/http.ts';
import { createHttpClient } from './net/http-client.ts';
import { createLimiter, type GrantObserver, type Limiter } from './net/limiter.ts';
import { createResolver, type Resolver } from './net/resolve.ts';
import { keepForLastWords } from './secrets/last-words.ts';
import { createMasker, type Masker } from './secrets/mask.ts';
import type { System } from './system/system.ts';

/** What all rooms of a process share on their way out: the network's own doors, and the mask over what they say. */
export interface Doors {
  readonly limiter: Limiter;
  readonly resolver: Resolver;
  readonly http: HttpClient;
  readonly masker: Masker;
  /** Closes kept connections. */
  close(): Promise<void>;
}

/** There before the configuration is: secrets of Vault are asked for while it is loaded. */
const vaultBudget = { name: vaultBudgetName, ratePerSecond: 10, burst: 10, reserveForTokens: 0 };

export function createDoors(system: System, granted?: GrantObserver): Doors {
  const resolver = createResolver(system);
  const http = createHttpClient(system, resolver);
  const limiter = createLimiter(system.clock, [vaultBudget], granted);
  const masker = createMasker();
  keepForLastWords(masker);
  return { limiter, resolver, http, masker, close: () => http.close() };
}

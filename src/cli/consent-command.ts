import type { Issuer, TokenRun } from '../auth/issuer.ts';
import { createOAuthIssuer } from '../auth/oauth-issuer.ts';
import { createTokenFileStore } from '../auth/token-file-store.ts';
import type { TokenDefinition } from '../model/check.ts';
import { newRunId } from '../net/own-headers.ts';
import type { System } from '../system/system.ts';
import { processUser } from '../system/user.ts';
import { chooseToken, type TokenChoice } from './chosen-token.ts';
import { createIssuerPorts } from './issuer-ports.ts';
import { openMeans } from './means.ts';
import type { Signals } from './signals.ts';
import { openTokenHolder, type TokenHolder } from './token-holder.ts';

/** What `sonde login` and `sonde logout` work with. */
export interface ConsentCommand {
  readonly definition: TokenDefinition;
  readonly issuer: Issuer;
  readonly holder: TokenHolder;
  /** Takes every known secret out of a text. */
  mask(text: string): string;
  /** A signal ends its waits, and no request that is under way: what that brings has to be kept. */
  readonly run: TokenRun;
  /** As a signal does. */
  stop(): void;
}

/**
 * Chooses the token, and opens the way to its issuer and to its holder; all of it is closed with `open`. Throws `Refused`,
 * `StateFolderError` and `TokenStoreError`.
 */
export async function openConsentCommand(
  { system, signals }: { readonly system: System; readonly signals: Signals },
  paths: readonly string[],
  choice: TokenChoice,
  open: AsyncDisposableStack,
): Promise<ConsentCommand> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  signals.onStop(stop);
  const run = { runId: newRunId(system.random), stopping: stopping.signal, cutOff: new AbortController().signal };

  const { doors, secrets } = openMeans(system, open);
  const chosen = await chooseToken(system, secrets, paths, choice);
  const { definition, stateDir, loaded } = chosen;
  const ports = createIssuerPorts(system, doors, chosen);
  const issuer = createOAuthIssuer(ports, definition);
  const createStore = () => createTokenFileStore(system, stateDir, loaded.configuration.stateEncryption);
  const user = processUser();
  const holder = await openTokenHolder({ system, stateDir, definition, user, issuer, run, createStore }, open);
  return { definition, issuer, holder, mask: ports.mask, run, stop };
}

import { createIssuer, type Issuer, type TokenRun } from '../auth/issuer.ts';
import { createTokenFileStore } from '../auth/token-file-store.ts';
import { newRunId } from '../net/own-headers.ts';
import type { System } from '../system/system.ts';
import { processUser } from '../system/user.ts';
import type { ChosenToken } from './chosen-token.ts';
import { type CommandIssuerPorts, createIssuerPorts } from './issuer-ports.ts';
import type { Signals } from './signals.ts';
import { openTokenHolder, type TokenHolder } from './token-holder.ts';

/** What `sonde login` and `sonde logout` work with. */
export interface ConsentCommand {
  readonly issuer: Issuer;
  readonly ports: CommandIssuerPorts;
  readonly holder: TokenHolder;
  /** A signal ends its waits, and no request that is under way: what that brings has to be kept. */
  readonly run: TokenRun;
  /** As a signal does. */
  stop(): void;
}

/** Opens the way to the issuer and to the holder of the token; all of it is closed with `open`. */
export async function openConsentCommand(
  system: System,
  signals: Signals,
  chosen: ChosenToken,
  open: AsyncDisposableStack,
): Promise<ConsentCommand> {
  const { definition, stateDir, loaded } = chosen;
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  signals.onStop(stop);
  const run: TokenRun = {
    runId: newRunId(system.random),
    stopping: stopping.signal,
    cutOff: new AbortController().signal,
  };
  const ports = createIssuerPorts(system, chosen, open);
  const issuer = createIssuer(ports, definition);
  const createStore = () => createTokenFileStore(system, stateDir, loaded.configuration.stateEncryption);
  const user = processUser();
  const holder = await openTokenHolder({ system, stateDir, definition, user, issuer, run, createStore }, open);
  return { issuer, ports, holder, run, stop };
}

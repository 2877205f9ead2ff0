import { createOAuthIssuer } from '../../auth/issuer/oauth-issuer.ts';
import type { Issuer, TokenRun } from '../../auth/issuer.ts';
import { createTokenFileStore } from '../../auth/store/token-file-store.ts';
import { diagnoseTokenRun } from '../../diagnosis/diagnose-token-run.ts';
import type { Outcome } from '../../model/cause.ts';
import type { TokenDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import type { TokenObservation } from '../../model/token.ts';
import { newRunId } from '../../net/own-headers.ts';
import { socketPathOf } from '../../system/state-folder.ts';
import type { System } from '../../system/system.ts';
import { processUser } from '../../system/user.ts';
import { borrowSkew } from '../borrowed-skew.ts';
import { openMeans } from '../means.ts';
import type { Output } from '../output.ts';
import type { Signals } from '../signals.ts';
import { chooseToken, type TokenChoice } from './chosen-token.ts';
import { createIssuerPorts } from './issuer-ports.ts';
import { createTokenHolder, type TokenHolder } from './token-holder.ts';

/** What `sonde login` and `sonde logout` work with. */
export interface ConsentCommand {
  readonly definition: TokenDefinition;
  readonly issuer: Issuer;
  readonly holder: TokenHolder;
  /** Says how a run of the token ended. */
  judge(seen: TokenObservation): Outcome;
  /** Takes every known secret out of a text. */
  mask(text: string): string;
  /** A signal ends its waits, and no request that is under way: what that brings has to be kept. */
  readonly run: TokenRun;
  /** As a signal does. */
  stop(): void;
}

/**
 * Chooses the token, and opens the way to its issuer and to its holder; all of it is closed with `open`. Throws `Refused`.
 */
export async function openConsentCommand(
  { system, signals, output }: { readonly system: System; readonly signals: Signals; readonly output: Output },
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
  const skew = await borrowSkew(socketPathOf(stateDir));
  const ports = createIssuerPorts(system, doors, chosen, skew);
  const { toleranceMs, correctAssertions } = loaded.configuration.clock;
  const clock = compact({ skew, toleranceMs, isCorrected: correctAssertions && skew !== undefined });
  const judge = (seen: TokenObservation) => diagnoseTokenRun(seen, { token: definition.name, clock });
  const issuer = createOAuthIssuer(ports, definition);
  const createStore = () => createTokenFileStore(system, stateDir, loaded.configuration.stateEncryption);
  const user = processUser();
  const tell = (sentence: string) => output.err(`${sentence}\n`);
  const holder = createTokenHolder({ system, stateDir, definition, user, issuer, judge, run, createStore, tell });
  return { definition, issuer, holder, judge, mask: ports.mask, run, stop };
}

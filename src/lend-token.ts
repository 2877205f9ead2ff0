import type { HeldSource } from './assembly.ts';
import { compact } from './model/compact.ts';
import type { TokenLoan } from './web/views.ts';

/** What a command gets that asks the daemon for a token: once its first run has ended. Undefined for an unknown name. */
export async function lendToken(
  held: readonly HeldSource[],
  name: string,
  monotonicMs: () => number,
): Promise<TokenLoan | undefined> {
  const found = held.find(({ definition }) => definition.name === name);
  if (!found) return undefined;
  const { source } = found;
  await source.firstRun;
  const proofKey = source.authorizer()?.proofKey;
  const dpop = proofKey && compact({ key: await proofKey() });
  const live = source.current();
  const token =
    live &&
    compact({
      value: live.value,
      dpop,
      expiresInMs: live.expiresAtMs === undefined ? undefined : live.expiresAtMs - monotonicMs(),
      scopes: live.scopes,
      generation: live.generation,
    });
  return compact({ token, lastRun: source.view().lastRun });
}

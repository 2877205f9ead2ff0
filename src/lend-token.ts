import type { HeldSource } from './assembly.ts';
import { loginIdentity } from './auth/login/login-identity.ts';
import { compact } from './model/compact.ts';
import type { TokenLoan } from './web/views.ts';

/**
 * What a command gets that asks the daemon for a token, once its first run has ended; nothing when it means another token
 * by the name than the daemon does.
 */
export async function lendToken(
  held: readonly HeldSource[],
  { name, identity }: { readonly name: string; readonly identity: string },
  monotonicMs: () => number,
): Promise<TokenLoan | 'unknown' | 'another'> {
  const found = held.find(({ definition }) => definition.name === name);
  if (!found) return 'unknown';
  const { source, definition } = found;
  if (loginIdentity(definition) !== identity) return 'another';
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
  return compact({ sendTo: definition.sendTo, token, lastRun: source.view().lastRun });
}

import type { TokenDefinition } from '../model/check.ts';
import type { TokenStore } from '../model/token.ts';
import type { LoginTokens, LogoutReport } from './authorizer.ts';
import type { Issuer, TokenRun } from './issuer.ts';
import { type LogoutPorts, logOut } from './log-out.ts';
import { createRefreshTokenFamily, type RefreshTokenFamily } from './refresh-token-family.ts';

/**
 * Stores what a login brought as the beginning of a new family, where no daemon runs that would adopt it: the next one
 * goes on with it. Throws `TokenStoreError`, and what was stored before still stands.
 */
export async function adoptLogin(store: TokenStore, definition: TokenDefinition, login: LoginTokens): Promise<void> {
  const family = await openedFamily(store, definition);
  await family.adopt(login);
}

/**
 * Revokes the stored tokens at the issuer (RFC 7009) and forgets them, where no daemon runs that would. Throws
 * `TokenStoreError`.
 */
export async function logoutFromStore(
  ports: LogoutPorts & { readonly store: TokenStore },
  issuer: Pick<Issuer, 'revoke'>,
  definition: TokenDefinition,
  run: TokenRun,
): Promise<LogoutReport> {
  return logOut(ports, issuer, await openedFamily(ports.store, definition), run);
}

async function openedFamily(store: TokenStore, definition: TokenDefinition): Promise<RefreshTokenFamily> {
  const family = createRefreshTokenFamily(store, definition);
  await family.open();
  return family;
}

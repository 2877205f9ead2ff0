import type { TokenDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import type { TokenStore } from '../../model/token.ts';
import type { System } from '../../system/system.ts';
import type { LoginTokens, LogoutReport } from '../authorizer.ts';
import type { Issuer, TokenRun } from '../issuer.ts';
import { createTokenExport } from '../source/token-export.ts';
import { type LogoutPorts, logOut } from './log-out.ts';
import { createRefreshTokenFamily, type RefreshTokenFamily } from './refresh-token-family.ts';

/**
 * Stores what a login brought as the beginning of a new family, where no daemon runs that would adopt it: the next one
 * goes on with it. Throws `TokenStoreError`, and what was stored before still stands. Resolves with what a person should
 * know of it, if there is anything.
 */
export async function adoptLogin(
  store: TokenStore,
  definition: TokenDefinition,
  login: LoginTokens,
): Promise<string | undefined> {
  const family = await openedFamily(store, definition);
  return (await family.adopt(login)) ? replacedLogin(definition.name) : undefined;
}

/**
 * That a login has replaced another one. The old refresh token is not revoked: many issuers end all that the person has
 * granted to the client with it (RFC 7009 section 2.1), and so what the login has just brought.
 */
export function replacedLogin(name: string): string {
  return `The login to ${name} has replaced the one before, whose refresh token stays good at the issuer until it ends there. To have it revoked, run \`sonde logout\` before \`sonde login\`.`;
}

export interface StoreLogoutPorts extends LogoutPorts {
  readonly files: System['files'];
  readonly store: TokenStore;
}

/**
 * Revokes the stored tokens at the issuer (RFC 7009), forgets them, and removes an exported one, where no daemon runs
 * that would. Throws `TokenStoreError`.
 */
export async function logoutFromStore(
  ports: StoreLogoutPorts,
  issuer: Pick<Issuer, 'revoke'>,
  definition: TokenDefinition,
  run: TokenRun,
): Promise<LogoutReport> {
  const report = await logOut(ports, issuer, await openedFamily(ports.store, definition), run);
  return compact({ problem: await removeExport(ports, definition), ...report });
}

/** Why the exported token stands there still. */
async function removeExport(ports: StoreLogoutPorts, { exportTo }: TokenDefinition): Promise<string | undefined> {
  if (!exportTo) return undefined;
  let problem: string | undefined;
  const exported = createTokenExport(ports, exportTo, (sentence) => {
    problem = sentence;
  });
  await exported.clear();
  exported.stop();
  return problem;
}

async function openedFamily(store: TokenStore, definition: TokenDefinition): Promise<RefreshTokenFamily> {
  const family = createRefreshTokenFamily(store, definition);
  await family.open();
  return family;
}

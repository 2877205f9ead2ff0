import type { Attempt, Grant } from '../../src/auth/grants/grant.ts';
import { createRefreshTokenFamily } from '../../src/auth/grants/refresh-token-family.ts';
import { createRefreshTokenGrant } from '../../src/auth/grants/refresh-token-grant.ts';
import { createOAuthIssuer } from '../../src/auth/issuer/oauth-issuer.ts';
import type { TokenRun } from '../../src/auth/issuer.ts';
import { createTokenFileStore } from '../../src/auth/store/token-file-store.ts';
import { diagnoseTokenRun } from '../../src/diagnosis/diagnose-token-run.ts';
import type { TokenDefinition } from '../../src/model/check.ts';
import { Secret } from '../../src/model/secret.ts';
import type { SkewView, StoredToken, TokenStore } from '../../src/model/token.ts';
import { createBudget } from '../../src/net/limiter.ts';
import type { Issuer } from '../lab/issuer.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';
import { labDefinition, realHttp } from './token-lab.ts';

export const scopes = ['models.read'];

/** One process: a grant on a store, over real sockets. `run` is a token run. */
export function grantOn(store: TokenStore, wanted: TokenDefinition, system = createVirtualSystem(), skew?: SkewView) {
  const budget = createBudget(system.clock, { name: 'b', ratePerSecond: 1000, burst: 1000, reserveForTokens: 0 });
  const issuer = createOAuthIssuer(
    {
      system,
      http: realHttp(system),
      budget,
      mask: (text) => text,
      skew: () => skew,
      correctsAssertions: () => false,
      ownHeaders: () => ({}),
    },
    wanted,
  );
  const ports = { clock: system.clock, skew: () => skew, judge: diagnoseTokenRun };
  const grant = createRefreshTokenGrant(ports, issuer, createRefreshTokenFamily(store, wanted), wanted);
  return { ...runner(grant), grant, issuer };
}

const never = new AbortController().signal;
export const tokenRun: TokenRun = { runId: '0'.repeat(32), stopping: never, cutOff: never };

export function runner(grant: Grant) {
  return { run: () => grant.attempt(tokenRun) };
}

export const fileStore = (folder: string) => createTokenFileStore(createVirtualSystem(), folder);

/** The definition of `lab-user` with a seed, a fresh one unless given. */
export async function userDefinition(issuer: Issuer, members: Partial<TokenDefinition> = {}): Promise<TokenDefinition> {
  const refreshToken = new Secret(await issuer.mintRefreshToken('lab-user', scopes));
  return labDefinition(issuer, 'lab-user', { refreshToken, ...members });
}

export const isLive = async (issuer: Issuer, { received }: Attempt) =>
  received !== undefined && (await issuer.introspect(received.value.reveal())).active;

/** Hides the live access token of the record, so that a restart has to ask the issuer. */
export const dropAccess = async (store: TokenStore) => {
  const { accessToken: _, ...rest } = (await store.read('claude')) as StoredToken;
  await store.write('claude', rest);
};

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRefreshTokenFamily } from '../../src/auth/grants/refresh-token-family.ts';
import { createRefreshTokenGrant } from '../../src/auth/grants/refresh-token-grant.ts';
import type { GrantRequest, IssuerAnswer, TokenRun } from '../../src/auth/issuer.ts';
import { createTokenMemoryStore } from '../../src/auth/store/token-memory-store.ts';
import { passed } from '../../src/model/cause.ts';
import { Secret } from '../../src/model/secret.ts';
import { type TokenObservation, type TokenStore, TokenStoreError } from '../../src/model/token.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';
import { tokenRun } from './family-lab.ts';
import { definition } from './token-lab.ts';

/** What happens to one refresh, and to the process around it. */
const refreshFates = ['answered', 'request lost', 'answer lost', 'failing', 'no disk', 'killed'] as const;
type Fate = (typeof refreshFates)[number];
const step = fc.constantFrom(...refreshFates, 'answered' as const, 'restart', 'login', 'logout');

const sentAt = { monotonicMs: 0, wallMs: 0 };

/** An issuer that rotates at each refresh and revokes a family at a replay, played in memory. */
function rotatingIssuer() {
  let count = 0;
  let live = 'seed';
  const refused = new Set<string>();
  const answer = (spent: IssuerAnswer['spent'], seen: Partial<TokenObservation> = {}): IssuerAnswer => ({
    observation: { grant: 'refresh_token', endpoint: 'token', phases: {}, ...seen },
    spent,
  });
  const mint = () => {
    count += 1;
    live = `rt${count}`;
    return new Secret(live);
  };
  return {
    mint,
    refused,
    isLive: (token: Secret | undefined) => token?.reveal() === live,
    refresh(token: string, fate: Fate): IssuerAnswer {
      if (fate === 'request lost') return answer('unclear');
      if (fate === 'failing') return answer('unclear', { status: 503 });
      if (token !== live) {
        live = '';
        refused.add(token);
        return answer('no', { status: 400, error: 'invalid_grant' });
      }
      const refreshToken = mint();
      if (fate === 'answer lost') return answer('unclear');
      return { ...answer('yes'), access: { type: 'bearer', value: new Secret(`at${count}`) }, refreshToken, sentAt };
    },
  };
}

describe('a refresh token (with an issuer and a disk that are played)', () => {
  it('that may be spent is sent again only by a note of it, and no successor is lost that could be stored', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { clock, random } = createVirtualSystem();
        const disk = createTokenMemoryStore(random);
        const issuer = rotatingIssuer();
        const sent = new Set<string>();
        let fate: Fate = 'answered';
        const store: TokenStore = {
          ...disk,
          async write(token, stored) {
            const isNote = stored.spending !== undefined;
            if (!isNote && (fate === 'killed' || fate === 'no disk')) throw new TokenStoreError('The disk is full.');
            await disk.write(token, stored);
          },
        };
        const asked = {
          async request(_run: TokenRun, what: GrantRequest) {
            if (what.grant !== 'refresh_token') throw new TypeError('no refresh token to send');
            const token = what.refreshToken.reveal();
            const noted = (await disk.read('claude'))?.spending;
            await what.beforeSending?.();
            if (sent.has(token) && !issuer.refused.has(token))
              expect(noted).toBe(await disk.fingerprint(new Secret(token)));
            sent.add(token);
            return issuer.refresh(token, fate);
          },
          revoke: async () => ({ kind: 'revoked' as const }),
          dpopKey: async () => undefined,
          useDpopKey() {},
        };
        const wanted = definition({ grant: 'refresh_token', refreshToken: new Secret('seed') });
        const ports = { clock, skew: () => undefined, judge: () => passed };
        const begin = () => createRefreshTokenGrant(ports, asked, createRefreshTokenFamily(store, wanted), wanted);
        const acts = {
          login: () =>
            grant.adopt?.({ accessToken: new Secret('at'), refreshToken: issuer.mint(), expiresInMs: 0, sentAt }),
          logout: () => grant.logout?.(tokenRun),
          restart: () => {},
        };

        let grant = begin();
        for (const each of steps) {
          if (each === 'login' || each === 'logout' || each === 'restart') {
            fate = 'answered';
            await acts[each]();
          } else {
            fate = each;
            const { received } = await grant.attempt(tokenRun);
            if (received) expect(issuer.isLive((await disk.read('claude'))?.refreshToken)).toBe(true);
          }
          if (each === 'killed' || each === 'restart') grant = begin();
        }
      }),
      { numRuns: 300 },
    );
  });
});

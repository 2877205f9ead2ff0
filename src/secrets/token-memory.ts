import type { Secret } from '../model/secret.ts';
import type { StoredToken, TokenStore } from '../model/token.ts';
import type { Masker } from './mask.ts';

/** Lets a masker know the tokens that come and go while the process runs. */
export interface TokenMemory {
  /** From now on these are hidden. Of each token source the last few are: an answer under way may still echo an old one. */
  remember(source: string, secrets: readonly (Secret | undefined)[]): void;
  /** The same store, with all that passes through it remembered before anyone can use it. */
  watch(store: TokenStore): TokenStore;
}

/** Three generations of an access token and a refresh token, and the key that they are bound to. */
const kept = 7;

export function createTokenMemory(masker: Masker): TokenMemory {
  const known = new Map<string, readonly Secret[]>();

  const remember = (source: string, secrets: readonly (Secret | undefined)[]) => {
    const recent = [...(known.get(source) ?? [])];
    for (const secret of secrets) {
      if (!secret) continue;
      const index = recent.findIndex((other) => other.reveal() === secret.reveal());
      if (index < 0) masker.add(secret);
      else recent.splice(index, 1);
      // What is live is young, however long it has been known: a key outlives many tokens.
      recent.unshift(secret);
    }
    for (const secret of recent.splice(kept)) masker.remove(secret);
    known.set(source, recent);
  };

  return {
    remember,
    watch: (store) => ({
      ...store,
      async read(source) {
        const stored = await store.read(source);
        remember(source, stored ? secretsOf(stored) : []);
        return stored;
      },
      write(source, stored) {
        remember(source, secretsOf(stored));
        return store.write(source, stored);
      },
    }),
  };
}

function secretsOf({ accessToken, refreshToken, dpopKey }: StoredToken): readonly (Secret | undefined)[] {
  return [dpopKey, accessToken, refreshToken];
}

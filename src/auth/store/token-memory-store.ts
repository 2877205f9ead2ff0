import type { StoredToken, TokenStore } from '../../model/token.ts';
import type { Random } from '../../system/random.ts';
import { createTurns } from '../turns.ts';
import { anySpent } from './spent-seeds.ts';
import { tokenFingerprint } from './token-fingerprint.ts';

/** A token store that ends with the process: for tokens that have no refresh token to lose. */
export function createTokenMemoryStore(random: Random): TokenStore {
  const key = random.bytes(32);
  const tokens = new Map<string, StoredToken>();
  return {
    read: async (token) => tokens.get(token),
    write: async (token, stored) => {
      tokens.set(token, stored);
    },
    hasSpent: async (seedFingerprint) => anySpent(tokens.values(), seedFingerprint),
    alone: createTurns(),
    fingerprint: async (secret) => tokenFingerprint(key, secret),
  };
}

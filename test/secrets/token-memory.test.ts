import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import type { StoredToken, TokenStore } from '../../src/model/token.ts';
import { createMasker } from '../../src/secrets/mask.ts';
import { createTokenMemory } from '../../src/secrets/token-memory.ts';

function setUp() {
  const masker = createMasker();
  const stored = new Map<string, StoredToken>();
  const store: TokenStore = {
    read: async (token) => stored.get(token),
    write: async (token, record) => void stored.set(token, record),
    hasSpent: async () => true,
    alone: (_seed, act) => act(),
    fingerprint: async () => 'fingerprint',
  };
  return { masker, store, stored, memory: createTokenMemory(masker) };
}

const tokenOf = (generation: number) => new Secret(`access-token-${String(generation).padStart(4, '0')}`);

describe('the memory of tokens', () => {
  it('has what is written hidden, and what an earlier process left in the store', async () => {
    const { masker, store, stored, memory } = setUp();
    stored.set('old', { generation: 1, accessToken: new Secret('left-in-the-store') });
    const watched = memory.watch(store);
    await watched.read('old');
    await watched.read('absent');
    await watched.write('new', { generation: 1, refreshToken: new Secret('freshly-written') });
    expect(masker.mask('left-in-the-store, freshly-written')).toBe('[secret], [secret]');
    expect(await watched.fingerprint(new Secret('x'))).toBe('fingerprint');
    expect(await watched.hasSpent('seed')).toBe(true);
    expect(stored.has('new')).toBe(true);
  });

  it('keeps the last generations hidden and forgets older ones, so that it does not grow for months', () => {
    const { masker, memory } = setUp();
    for (let generation = 1; generation <= 10; generation++) memory.remember('api', [tokenOf(generation), undefined]);
    expect(masker.mask(tokenOf(10).reveal())).toBe('[secret]');
    expect(masker.mask(tokenOf(4).reveal())).toBe('[secret]');
    expect(masker.mask(tokenOf(3).reveal())).toBe('access-token-0003');
  });

  it('keeps the key that tokens are bound to hidden, and a refresh token that lasts, whatever comes and goes', async () => {
    const { masker, store, memory } = setUp();
    const watched = memory.watch(store);
    const lasting = {
      dpopKey: new Secret('{"kty":"EC","d":"key-of-tokens"}'),
      refreshToken: new Secret('lasting-one'),
    };
    for (let generation = 1; generation <= 20; generation++) {
      await watched.write('api', { generation, accessToken: tokenOf(generation), ...lasting });
      expect(masker.mask(`${lasting.dpopKey.reveal()} lasting-one`)).toBe('[secret] [secret]');
    }
  });

  it('does not push out what is live by remembering it again', () => {
    const { masker, memory } = setUp();
    memory.remember('api', [tokenOf(1)]);
    for (let again = 0; again < 10; again++) memory.remember('api', [tokenOf(2)]);
    expect(masker.mask(tokenOf(1).reveal())).toBe('[secret]');
  });
});

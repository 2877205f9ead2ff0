import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

interface Entry {
  readonly payload: AdapterPayload;
  readonly expiresAtMs: number;
}

/** All that one issuer has given, in memory. oidc-provider's own serves the same purpose, with a warning. */
export interface IssuerStore {
  readonly adapter: AdapterFactory;
  /** Forgets all grants and tokens of an account; who shows one is a stranger. */
  forgetAccount(accountId: string): void;
}

export function createIssuerStore(): IssuerStore {
  const entries = new Map<string, Entry>();

  /** A lab that runs for a day grants thousands of tokens. */
  const dropExpired = () => {
    for (const [key, { expiresAtMs }] of entries) if (expiresAtMs < Date.now()) entries.delete(key);
  };
  const drop = (matches: (payload: AdapterPayload) => boolean) => {
    for (const [key, { payload }] of entries) if (matches(payload)) entries.delete(key);
  };
  const findBy = async (model: string, matches: (payload: AdapterPayload) => boolean) => {
    for (const [key, { payload }] of entries) if (key.startsWith(`${model}:`) && matches(payload)) return payload;
    return undefined;
  };

  const adapter = (model: string): Adapter => {
    const keyOf = (id: string) => `${model}:${id}`;
    return {
      async upsert(id, payload, expiresIn = Number.POSITIVE_INFINITY) {
        dropExpired();
        entries.set(keyOf(id), { payload, expiresAtMs: Date.now() + expiresIn * 1000 });
      },
      find: async (id) => entries.get(keyOf(id))?.payload,
      findByUid: (uid) => findBy(model, (payload) => payload.uid === uid),
      findByUserCode: (userCode) => findBy(model, (payload) => payload.userCode === userCode),
      async consume(id) {
        const entry = entries.get(keyOf(id));
        if (entry) entry.payload.consumed = Math.floor(Date.now() / 1000);
      },
      async destroy(id) {
        entries.delete(keyOf(id));
      },
      async revokeByGrantId(grantId) {
        drop((payload) => payload.grantId === grantId);
      },
    };
  };

  return { adapter, forgetAccount: (accountId) => drop((payload) => payload.accountId === accountId) };
}

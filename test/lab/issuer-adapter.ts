import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Entry {
  readonly payload: AdapterPayload;
  readonly expiresAtMs: number;
}

/** The grants and tokens of one issuer, in memory. oidc-provider's own serves the same purpose, with a warning. */
export function createIssuerAdapter(): (model: string) => Adapter {
  const entries = new Map<string, Entry>();

  /** A lab that runs for a day grants thousands of tokens. */
  const dropExpired = () => {
    for (const [key, { expiresAtMs }] of entries) if (expiresAtMs < Date.now()) entries.delete(key);
  };
  const findBy = async (model: string, matches: (payload: AdapterPayload) => boolean) => {
    for (const [key, { payload }] of entries) if (key.startsWith(`${model}:`) && matches(payload)) return payload;
    return undefined;
  };

  return (model) => {
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
        for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key);
      },
    };
  };
}

import type { Secret } from '../../model/secret.ts';
import type { TokenStore } from '../../model/token.ts';

/**
 * The authorization codes that were sent for one token. A code is good for one request (RFC 6749 section 4.1.2): an
 * issuer that sees it twice may revoke what it gave for it, so it is refused here.
 */
export interface UsedCodes {
  /** Writes what is there: throws `TokenStoreError` where a code could not be noted, and nothing else could be stored. */
  prepare(): Promise<void>;
  /** Whether a code was sent before. Throws `TokenStoreError`. */
  has(code: Secret): Promise<boolean>;
  /** Notes a code that is about to be sent; false when it was sent before. Throws `TokenStoreError`: it must not be sent then. */
  use(code: Secret): Promise<boolean>;
}

/** Issuers forget a code within minutes; nobody logs in twenty times in that time. */
const mostKept = 20;

/**
 * Keeps keyed fingerprints of used codes in a record of their own: the token's record is its source's, which writes it
 * whole. No token can have the name of that record.
 */
export function createUsedCodes(store: TokenStore, token: string): UsedCodes {
  const record = `${token}/codes`;
  const recorded = async () => (await store.read(record))?.usedCodes ?? [];
  const write = (usedCodes: readonly string[]) => store.write(record, { generation: 0, usedCodes });
  return {
    prepare: () => store.alone(record, async () => write(await recorded())),
    has: async (code) => (await recorded()).includes(await store.fingerprint(code)),
    async use(code) {
      const print = await store.fingerprint(code);
      return store.alone(record, async () => {
        const used = await recorded();
        if (used.includes(print)) return false;
        await write([...used, print].slice(-mostKept));
        return true;
      });
    },
  };
}

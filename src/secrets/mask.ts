import type { Secret } from '../model/secret.ts';
import { createSecretSearch } from '../model/secret-search.ts';

/** Hides secrets in texts that come from outside: bodies, error descriptions, addresses. */
export interface Masker {
  /** From now on the value is hidden. Added twice, it must be removed twice. Values under 6 characters are left alone. */
  add(secret: Secret): void;
  remove(secret: Secret): void;
  /** The text with each known value, however it is written, replaced by `[secret]`. Takes time linear in its length. */
  mask(text: string): string;
}

export function createMasker(): Masker {
  const counts = new Map<string, number>();
  const search = createSecretSearch();
  return {
    add(secret) {
      const value = secret.reveal();
      counts.set(value, (counts.get(value) ?? 0) + 1);
      search.add(value);
    },
    remove(secret) {
      const value = secret.reveal();
      const held = (counts.get(value) ?? 0) - 1;
      if (held > 0) {
        counts.set(value, held);
      } else {
        counts.delete(value);
        search.remove(value);
      }
    },
    mask: search.conceal,
  };
}
